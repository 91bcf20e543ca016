/* The intake form: the method follows the channel until the user selects another method; Enter in the search field
   of stakeholders does not submit the form. Nothing is stored on the device. */
(() => {
  "use strict";
  const form = document.querySelector("[data-intake]");
  if (!form) return;
  const from = document.getElementById("methods-of-channels");
  const methods = from ? JSON.parse(from.textContent) : {};
  let chosen = Boolean(form.querySelector("[name=method]:checked"));
  form.addEventListener("change", (event) => {
    const input = event.target;
    if (input.name === "method") chosen = true;
    if (input.name !== "channel" || chosen) return;
    const box = form.querySelector(`[name=method][value="${methods[input.value]}"]`);
    if (box) box.checked = true;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-find]")) event.preventDefault();
  });
})();
