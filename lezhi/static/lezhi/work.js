/* The workbench: the bar of unfinished entries, from the drafts on this device; the server supplies the names. */
(() => {
  "use strict";
  const bar = document.querySelector("[data-drafts]");
  const user = window.lz && window.lz.user;
  if (!bar || !user) return;
  const prefix = `lz-draft:${user}:log-`;
  const found = [];
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(prefix)) continue;
      const draft = JSON.parse(localStorage.getItem(key));
      if (draft && draft.at) found.push({ pk: key.slice(prefix.length), at: draft.at });
    }
  } catch {
    return;
  }
  if (!found.length) return;
  found.sort((a, b) => b.at - a.at);
  const query = found
    .slice(0, 20)
    .map((draft) => `pk=${encodeURIComponent(draft.pk)}`)
    .join("&");
  fetch(`${bar.dataset.drafts}?${query}`, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : { names: {} }))
    .then(({ names }) => {
      const known = found.filter((draft) => names[draft.pk]);
      if (!known.length) return;
      const text = bar.querySelector("[data-drafts-text]");
      text.append(bar.dataset.words.replace("%s", known.length));
      const name = document.createElement("b");
      name.textContent = names[known[0].pk];
      const when = document.createElement("span");
      when.className = "nb mut s13";
      const at = new Date(known[0].at);
      when.textContent = ` ${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")} ${at.toTimeString().slice(0, 5)}`;
      text.append(name, when);
      bar.querySelector("a").href = `${bar.dataset.log}${encodeURIComponent(known[0].pk)}/`;
      bar.hidden = false;
    })
    .catch(() => {});
})();
