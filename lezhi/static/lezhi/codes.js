/* Moves a code from the fragment (#) of a link in an e-mail to the form fields; removes it from URL and history. */
(() => {
  "use strict";
  const code = location.hash.slice(1);
  if (!code) return;
  history.replaceState(null, "", location.pathname + location.search);
  const fields = document.querySelectorAll("[data-codes] [data-code]");
  const parts = fields.length > 1 ? code.split(".") : [decodeURIComponent(code)];
  fields.forEach((field, place) => {
    if (parts[place]) field.value = parts[place];
  });
  const next = document.querySelector("[data-codes] input[type=password], [data-codes] button[type=submit]");
  if (next) next.focus();
})();
