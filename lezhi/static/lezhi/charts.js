/* Draws every [data-chart] on a canvas, from the JSON in the element with the id in data-source. Colours come from
   tokens.css; a click on a bar opens the list that it counts. Data:

   { categories: ["1月", ...],
     series: [ { name, tone: "met" | "none" | "over" | "count" | "due" | "accent", labels: true,
                 values: [ 3, { value: 3, href: "/...", tone: "due" }, ... ] } ] }                                  */
(() => {
  "use strict";
  const css = getComputedStyle(document.documentElement);
  const token = (name) => css.getPropertyValue(`--lz-${name}`).trim();
  const TONES = {
    met: "met-bar",
    none: "none-bar",
    over: "over-fill",
    count: "count-bar",
    due: "due-fill",
    accent: "accent",
  };
  const tone = (name) => token(TONES[name] || TONES.count);
  const text = {
    color: token("ink-2"),
    fontFamily: getComputedStyle(document.body).fontFamily,
    fontSize: 12,
  };
  const axis = {
    axisLine: { lineStyle: { color: token("line-2") } },
    axisTick: { show: false },
    axisLabel: text,
    splitLine: { lineStyle: { color: token("line") } },
  };
  const point = (value) => {
    if (value === null || typeof value !== "object") return { value };
    return value.tone ? { ...value, itemStyle: { color: tone(value.tone) } } : value;
  };
  const NARROW = 480; // px; narrower charts have horizontal bars, so that each label fits on one line
  const onOneLine = (words) => words.replace(/([^ -~])\n/g, "$1").replace(/\n/g, " ");
  const series = (one, stacked, lying) => ({
    name: one.name,
    type: "bar",
    stack: stacked ? "all" : undefined,
    barMaxWidth: 22,
    cursor: one.values.some((value) => value && value.href) ? "pointer" : "default",
    itemStyle: { color: tone(one.tone) },
    data: one.values.map(point),
    label: {
      show: Boolean(one.labels) || !stacked,
      position: stacked && one.tone !== "over" ? "inside" : lying ? "right" : "top",
      color: one.tone === "over" ? token("over") : token("ink"),
      fontSize: 12,
      fontWeight: 600,
      formatter: (spot) => spot.value || "",
    },
  });
  const axes = (stacked, lying, categories) => {
    const value = { type: "value", minInterval: 1, show: stacked, ...axis, axisLine: { show: false } };
    if (!lying) return { xAxis: { type: "category", data: categories, ...axis }, yAxis: value };
    const names = { ...text, interval: 0 };
    return {
      xAxis: value,
      yAxis: { type: "category", inverse: true, data: categories.map(onOneLine), ...axis, axisLabel: names },
    };
  };
  const option = (stacked, lying, data) => ({
    animation: false,
    textStyle: text,
    grid: {
      left: 8,
      right: lying ? 36 : 12,
      top: data.series.length > 1 ? 34 : 20,
      bottom: 4,
      containLabel: true,
    },
    legend: {
      show: data.series.length > 1,
      top: 0,
      left: 0,
      itemWidth: 10,
      itemHeight: 10,
      itemGap: 16,
      textStyle: text,
      icon: "roundRect",
    },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
    ...axes(stacked, lying, data.categories),
    series: data.series.map((one) => series(one, stacked, lying)),
  });
  function draw(box) {
    const source = document.getElementById(box.dataset.source);
    if (!source || box.dataset.drawn) return;
    box.dataset.drawn = "1";
    const chart = window.echarts.init(box, null, { renderer: "canvas" });
    const stacked = box.dataset.chart === "stacked";
    chart.setOption(option(stacked, !stacked && box.clientWidth < NARROW, JSON.parse(source.textContent)));
    chart.on("click", (spot) => {
      if (spot.data && spot.data.href) location.assign(spot.data.href);
    });
    new ResizeObserver(() => chart.resize()).observe(box);
  }
  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);
  drawAll();
  document.addEventListener("htmx:afterSettle", drawAll);
})();
