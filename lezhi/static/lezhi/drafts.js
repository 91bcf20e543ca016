/* Stores the typed values of <form data-draft="key"> on this device until the server confirms that they are saved.

   A page with data-draft-clear="key" deletes the draft. Drafts belong to the logged-in user, are deleted on logout,
   and expire after a week. Passwords, tokens, files and hidden fields are never stored. The key for a record that
   others may change should contain the version of the record. */
(() => {
  "use strict";
  const { on, say, user } = window.lz;
  const PREFIX = "lz-draft:";
  const WEEK = 7 * 24 * 3600 * 1000;
  const nameOf = (key) => `${PREFIX}${user}:${key}`;
  const store = (() => {
    try {
      localStorage.setItem("lz-probe", "1");
      localStorage.removeItem("lz-probe");
      return localStorage;
    } catch {
      return null;
    }
  })();
  if (!store || !user) return;

  const kept = () => Object.keys(store).filter((name) => name.startsWith(PREFIX));
  const read = (name) => {
    try {
      return JSON.parse(store.getItem(name));
    } catch {
      return null;
    }
  };
  const clock = (moment) => new Date(moment).toTimeString().slice(0, 5);
  kept().forEach((name) => {
    const draft = read(name);
    if (!draft || Date.now() - draft.at > WEEK) store.removeItem(name);
  });
  const clearSaved = () =>
    document.querySelectorAll("[data-draft-clear]").forEach((marker) => {
      store.removeItem(nameOf(marker.dataset.draftClear));
    });
  clearSaved();
  let leaving = false;
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-wipe-drafts]")) return;
    leaving = true;
    kept().forEach((name) => store.removeItem(name));
  });

  const keepable = (field) =>
    field.name &&
    !field.disabled &&
    !["password", "file", "hidden", "submit", "button"].includes(field.type) &&
    field.name !== "csrfmiddlewaretoken";
  const values = (form) =>
    [...form.elements]
      .filter(keepable)
      .map((field) =>
        ["checkbox", "radio"].includes(field.type)
          ? [field.name, field.value, field.checked]
          : field.multiple
            ? [field.name, [...field.selectedOptions].map((option) => option.value)]
            : [field.name, field.value],
      );
  const put = (form, drafted) => {
    const fields = [...form.elements].filter(keepable);
    const taken = new Set();
    for (const [name, value, checked] of drafted) {
      const box = checked !== undefined;
      const field = fields.find(
        (one) => one.name === name && !taken.has(one) && (!box || one.value === value),
      );
      if (!field) continue;
      taken.add(field);
      if (box) field.checked = checked;
      else if (field.multiple)
        [...field.options].forEach((option) => {
          option.selected = value.includes(option.value);
        });
      else field.value = value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };

  const stateOf = (form) => {
    let state =
      form.querySelector("[data-draft-state]") ||
      (form.id && document.querySelector(`[data-draft-state="${form.id}"]`));
    if (!state) {
      state = document.createElement("span");
      state.className = "saved";
      state.dataset.draftState = "";
      state.setAttribute("role", "status");
      const button = form.querySelector("[type=submit], button:not([type])");
      if (button) button.after(state);
      else form.append(state);
    }
    return state;
  };
  const tell = (form, icon, text, discard) => {
    const state = stateOf(form);
    const mark = document.createElement("i");
    mark.className = `bi bi-${icon}`;
    mark.setAttribute("aria-hidden", "true");
    state.replaceChildren(mark, document.createTextNode(text));
    if (!discard) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "lk";
    button.textContent = say("discard");
    button.addEventListener("click", discard);
    state.append(button);
  };

  const timers = new WeakMap();
  const first = new WeakMap();
  const touched = (form) => JSON.stringify(values(form)) !== first.get(form);
  const save = (form) => {
    clearTimeout(timers.get(form));
    if (leaving) return;
    const now = values(form);
    try {
      store.setItem(nameOf(form.dataset.draft), JSON.stringify({ at: Date.now(), values: now }));
    } catch {
      return;
    }
    if (navigator.onLine) tell(form, "cloud-check", say("saved", clock(Date.now())));
    else tell(form, "cloud-slash", say("offline"));
  };
  const start = (form) => {
    if (first.has(form)) return;
    first.set(form, JSON.stringify(values(form)));
    const name = nameOf(form.dataset.draft);
    const draft = read(name);
    if (!draft || JSON.stringify(draft.values) === first.get(form)) return;
    put(form, draft.values);
    tell(form, "cloud-check", say("restored", clock(draft.at)), () => {
      store.removeItem(name);
      put(form, JSON.parse(first.get(form)));
      stateOf(form).replaceChildren();
    });
  };
  const startAll = () => document.querySelectorAll("form[data-draft]").forEach(start);
  startAll();
  document.addEventListener("htmx:afterSettle", () => {
    clearSaved();
    startAll();
  });

  const later = (form) => {
    clearTimeout(timers.get(form));
    timers.set(
      form,
      setTimeout(() => save(form), 400),
    );
  };
  const changed = (event) => {
    const form = event.target.form;
    if (event.isTrusted && form && form.matches("[data-draft]")) later(form);
  };
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-draft]")) save(event.target);
  });
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (navigator.onLine || form.method.toLowerCase() !== "post") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (form.matches("[data-draft]")) {
        save(form);
        tell(form, "cloud-slash", say("unsent"));
      } else {
        window.lz.toast(say("failed"));
      }
    },
    true,
  );
  addEventListener("pagehide", () =>
    document.querySelectorAll("form[data-draft]").forEach((form) => {
      if (first.has(form) && !form.dataset.sent && touched(form)) save(form);
    }),
  );
  const network = () =>
    document.querySelectorAll("form[data-draft]").forEach((form) => {
      if (read(nameOf(form.dataset.draft))) {
        if (navigator.onLine) tell(form, "cloud-check", say("saved", clock(Date.now())));
        else tell(form, "cloud-slash", say("offline"));
      }
    });
  addEventListener("offline", network);
  addEventListener("online", network);
})();
