/* Keyboard shortcuts; inactive during text input, and when switched off in the personal menu.

   [data-key="l"] and [data-key="g w"] are links that the keys open; in a list [data-rows] J and K move the focus. */
(() => {
  "use strict";
  const { on, say, user } = window.lz;
  const SWITCH = `lz-keys:${user}`;
  const remembered = () => {
    try {
      return localStorage.getItem(SWITCH);
    } catch {
      return null;
    }
  };
  const enabled = () => (remembered() || document.body.dataset.keys) === "on";
  const showSwitch = () =>
    document.querySelectorAll("[data-keys-switch]").forEach((box) => {
      box.checked = enabled();
    });
  showSwitch();
  on("change", "[data-keys-switch]", (box) => {
    try {
      localStorage.setItem(SWITCH, box.checked ? "on" : "off");
    } catch {
      /* no storage in a private window: valid for this page only */
    }
    document.body.dataset.keys = box.checked ? "on" : "off";
    showSwitch();
    window.lz.toast(say(box.checked ? "keys_on" : "keys_off"));
  });

  const rows = () => [...document.querySelectorAll("[data-rows] > *")].filter((row) => row.offsetParent);
  const current = () => document.querySelector("[data-rows] > .cur");
  const mainLink = (row) => row.querySelector("a.nm, a[href]");
  function walk(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
    all.forEach((row) => row.classList.toggle("cur", row === next));
    const link = mainLink(next);
    if (link) link.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  const acts = {
    "/": () => {
      const box = document.querySelector("[data-search]");
      if (box && box.offsetParent) {
        box.focus();
        box.select();
      }
    },
    j: () => walk(1),
    k: () => walk(-1),
    x: () => {
      const box = current() && current().querySelector("input[data-pick]");
      if (box) box.click();
    },
    f: () => {
      const first = document.querySelector("[data-filters-set] summary, [data-filters-set] a");
      if (first) first.focus();
    },
    "?": () => {
      const help = document.getElementById("keys-help");
      if (help && !help.open) help.showModal();
    },
  };

  let before = "";
  let beforeAt = 0;
  function pressed(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const chord = before && event.timeStamp - beforeAt < 1200 ? `${before} ${key}` : key;
    before = key;
    beforeAt = event.timeStamp;
    const link = document.querySelector(`[data-key="${CSS.escape(chord)}"], [data-key="${CSS.escape(key)}"]`);
    if (link && link.dataset.key === chord) return link.click();
    if (acts[key]) return acts[key]();
    if (link) return link.click();
    if (key === "Enter" && current() && document.activeElement === document.body)
      return mainLink(current()).click();
    return false;
  }
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const typing = event.target.closest(
      "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]",
    );
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.form || (event.target.closest && event.target.closest("form"));
      if (form && form.method.toLowerCase() === "post") {
        event.preventDefault();
        form.requestSubmit(form.querySelector("button.btn-primary:not([disabled])") || undefined);
      }
      return;
    }
    if (
      !enabled() ||
      typing ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      document.querySelector("dialog[open]")
    )
      return;
    if (pressed(event) !== false) event.preventDefault();
  });
})();
