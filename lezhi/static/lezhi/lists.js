/* Lists: the bar of actions for selected rows, and the sheet of filters on a phone.

   The check boxes are input[data-pick] (and one [data-pick-all]), in the form of the buttons of the bar. */
(() => {
  "use strict";
  const { on, say } = window.lz;
  const boxes = () => [...document.querySelectorAll("input[data-pick]")];
  const bar = () => document.querySelector("[data-bulk-bar]");

  function sync() {
    if (!bar()) return;
    const all = boxes();
    const ticked = all.filter((box) => box.checked);
    all.forEach((box) => {
      const row = box.closest("tr, li");
      if (row) row.classList.toggle("sel", box.checked);
    });
    const master = document.querySelector("[data-pick-all]");
    if (master) {
      master.checked = all.length > 0 && ticked.length === all.length;
      master.indeterminate = ticked.length > 0 && ticked.length < all.length;
    }
    const count = bar().querySelector("[data-bulk-count]");
    count.textContent = say("picked", `${ticked.length}${count.dataset.unit}`);
    bar().hidden = ticked.length === 0;
  }
  let last = null;
  on("click", "input[data-pick]", (box, event) => {
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((one) => {
        one.checked = box.checked;
      });
    }
    last = box;
    sync();
  });
  on("change", "[data-pick-all]", (master) => {
    boxes().forEach((box) => {
      box.checked = master.checked;
    });
    sync();
  });
  on("click", "[data-bulk-none]", () => {
    boxes().forEach((box) => {
      box.checked = false;
    });
    sync();
  });
  on("change", "input[data-pick]", sync);
  addEventListener("pageshow", sync);
  document.addEventListener("htmx:afterSettle", sync);
  sync();

  const opener = () => document.querySelector("[data-filters-open]");
  const showFilters = (open) => {
    const sheet = document.querySelector("[data-filters-set]");
    if (!sheet) return;
    sheet.classList.toggle("is-open", open);
    opener().setAttribute("aria-expanded", String(open));
    const target = open ? sheet.querySelector("summary, a, button") : opener();
    target.focus();
  };
  on("click", "[data-filters-open]", () => showFilters(true));
  on("click", "[data-filters-close]", () => showFilters(false));
  document.addEventListener("keydown", (event) => {
    const sheet = document.querySelector("[data-filters-set].is-open");
    if (event.key === "Escape" && sheet) showFilters(false);
  });
})();
