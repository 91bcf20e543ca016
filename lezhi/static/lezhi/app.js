/* Behaviour of every page: menus, tips, toasts, protection against double submits, focus on errors, copy, print.
   Listeners are on the document, so they also work for elements swapped in by htmx. Other scripts use `window.lz`. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const wordsFrom = document.getElementById("lz-words");
  const words = wordsFrom ? JSON.parse(wordsFrom.textContent) : {};
  const on = (kind, selector, act) =>
    document.addEventListener(kind, (event) => {
      const found = event.target.closest ? event.target.closest(selector) : null;
      if (found) act(found, event);
    });
  const say = (name, value) => (words[name] || name).replace("%s", value === undefined ? "" : value);
  window.lz = { on, say, words, toast, user: document.body.dataset.user || "" };

  /* ---- CSRF token for htmx requests (scripts cannot read the cookie) ---- */
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector('meta[name="csrf-token"]');
    if (token) event.detail.headers["X-CSRFToken"] = token.content;
  });
  for (const kind of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(kind, () => toast(say("failed")));
  }

  /* ---- menus: <details class="menu"> closes on Esc, on a click elsewhere and when another one opens ---- */
  const closeMenus = (except) =>
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.open = false;
    });
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("focusin", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    hideTip();
    const menu = document.activeElement.closest("details.menu[open]");
    closeMenus();
    if (menu) menu.querySelector("summary").focus();
  });

  /* ---- tips: the ⓘ buttons open on focus, tap and hover ---- */
  let tip = null;
  let tipOf = null;
  function hideTip() {
    if (tip) tip.remove();
    tip = tipOf = null;
  }
  function showTip(button) {
    if (tipOf === button) return;
    hideTip();
    button.removeAttribute("title");
    tip = document.createElement("div");
    tip.className = "tip";
    tip.setAttribute("aria-hidden", "true");
    tip.textContent = button.getAttribute("aria-label");
    document.body.append(tip);
    const at = button.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const below = at.bottom + 6 + size.height < innerHeight;
    tip.style.left = `${Math.max(12, Math.min(at.left - 12, root.clientWidth - size.width - 12)) + scrollX}px`;
    tip.style.top = `${(below ? at.bottom + 6 : at.top - size.height - 6) + scrollY}px`;
    tipOf = button;
  }
  on("focusin", "[data-tip]", showTip);
  on("click", "[data-tip]", showTip);
  on("mouseover", "[data-tip]", showTip);
  document.addEventListener("focusout", hideTip);
  document.addEventListener("mouseout", (event) => {
    if (event.target.closest("[data-tip]") && document.activeElement !== tipOf) hideTip();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-tip]")) hideTip();
  });

  /* ---- toasts: shown for 10 seconds with an undo button, 6 without; longer while hovered or focused ---- */
  function toast(text) {
    const region = document.getElementById("toasts");
    if (!region) return;
    const box = document.createElement("div");
    box.className = "toast-x";
    box.dataset.toast = "";
    const span = document.createElement("span");
    span.textContent = text;
    box.append(span);
    region.append(box);
    countDown(box);
  }
  function countDown(box) {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "bare";
    close.setAttribute("aria-label", say("close"));
    close.textContent = "×";
    close.addEventListener("click", () => box.remove());
    box.append(close);
    let left = box.dataset.toast === "undo" ? 10 : 6;
    const timer = setInterval(() => {
      if (!box.isConnected) clearInterval(timer);
      else if (!box.matches(":hover, :focus-within") && --left <= 0) box.remove();
    }, 1000);
  }
  const startToasts = (part) =>
    part.querySelectorAll("[data-toast]:not([data-started])").forEach((box) => {
      box.dataset.started = "";
      countDown(box);
    });
  startToasts(document);
  document.addEventListener("htmx:afterSettle", () => startToasts(document));

  /* ---- a form is submitted only once; the server ignores a second copy as well ---- */
  const release = (form) => {
    delete form.dataset.sent;
    form.classList.remove("is-sending");
    form.querySelectorAll("[data-held]").forEach((button) => {
      button.disabled = false;
      delete button.dataset.held;
    });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-double]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.classList.add("is-sending");
    setTimeout(() =>
      form
        .querySelectorAll("button[type=submit], button:not([type]), input[type=submit]")
        .forEach((button) => {
          if (button.disabled) return;
          button.disabled = true;
          button.dataset.held = "";
        }),
    );
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach(release));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("[data-sent]");
    if (form) release(form);
  });

  /* ---- focus on errors, dialogs, copy, print, page title ---- */
  const focusError = () => {
    const summary = document.querySelector("[data-focus]:not([data-focused])");
    if (!summary) return;
    summary.dataset.focused = "";
    summary.focus();
  };
  focusError();
  document.addEventListener("htmx:afterSettle", focusError);
  on("click", ".errsum a[href^='#']", (link, event) => {
    const field = document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    const input = field.matches("input, select, textarea")
      ? field
      : field.querySelector("input, select, textarea");
    (input || field).focus();
    (input || field).scrollIntoView({ block: "center" });
  });
  on("click", "[data-opens]", (button) => {
    const dialog = document.getElementById(button.dataset.opens);
    if (dialog && dialog.showModal) dialog.showModal();
  });
  on("click", "[data-copy]", (button) => {
    const from = document.querySelector(button.dataset.copy);
    const text = from ? (from.value || from.textContent).trim() : button.dataset.copyText;
    navigator.clipboard.writeText(text).then(() => toast(say("copied")));
  });
  on("click", "[data-print]", () => window.print());
  const title = document.querySelector("[data-page-title]");
  const heading = document.querySelector("main h1");
  if (title && !title.textContent.trim() && heading)
    title.textContent = heading.firstChild.textContent.trim();
})();
