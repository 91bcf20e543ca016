/* Quick log: tasks are ticked with the matching purpose, choices in “其他…” stay visible once selected, and files
   that are too large are reported before the upload. */
(() => {
  "use strict";
  const form = document.querySelector("[data-log-form]");
  if (!form) return;
  const touched = new WeakSet();
  const opened = () =>
    form.querySelectorAll("details.rest").forEach((part) => {
      if (part.querySelector("input:checked")) part.open = true;
    });
  const tick = () => {
    const purpose = (form.querySelector("[name=purpose]:checked") || {}).value;
    form.querySelectorAll("[data-fits]").forEach((box) => {
      if (touched.has(box) || !box.dataset.fits || box.dataset.fits === "any") return;
      box.checked = box.defaultChecked || box.dataset.fits === purpose;
    });
  };
  form.addEventListener(
    "change",
    (event) => {
      const input = event.target;
      if (input.name === "tasks" && event.isTrusted) touched.add(input);
      if (input.name === "purpose" && event.isTrusted) tick();
      if (input.type === "radio") opened();
      if (input.name === "day" && input.value === "pick" && event.isTrusted) form.elements.on.focus();
      if (input.type === "file") check(input);
    },
    true,
  );
  function check(input) {
    const limit = Number(form.dataset.maxBytes);
    const problem = form.querySelector("[data-files-problem]");
    const large = [...input.files].filter((file) => file.size > limit).map((file) => file.name);
    input.setCustomValidity(large.length ? "large" : "");
    problem.hidden = !large.length;
    problem.textContent = large.length ? problem.dataset.words.replace("%s", large.join("、")) : "";
  }
  form.addEventListener(
    "submit",
    (event) => {
      const input = form.querySelector("input[type=file]");
      if (!input || !input.validationMessage) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      input.closest("details").open = true;
      input.focus();
    },
    true,
  );
  opened();
})();
