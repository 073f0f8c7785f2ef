// The keyboard: over rows with j and k, e edits, x ticks, ? shows what works on this page. Never while somebody types.
(() => {
  const sheet = document.getElementById("keys");
  if (!sheet) return;
  const ROWS = ".rows tbody tr, .hits > li, .related tbody tr, .history > li";
  const PLAIN = "checkbox radio button submit reset file range".split(" ");
  const toggle = sheet.querySelector("[data-keys-on]");
  const wish = () => { try { return localStorage.getItem("keys") !== "off"; } catch { return true; } };
  toggle.checked = wish();
  toggle.addEventListener("change", () => {
    try { localStorage.setItem("keys", toggle.checked ? "on" : "off"); } catch { /* a private window forgets it */ }
  });

  const isSeen = (it) => it.checkVisibility();
  const isTyping = (target) => {
    const field = target.closest && target.closest("input, textarea, select, [contenteditable], [role=combobox], [role=listbox]");
    return Boolean(field) && !(field.matches("input") && PLAIN.includes(field.type));
  };

  const linkOf = (row) => row.querySelector(".row-name a, a[href]");
  const rows = () => [...document.querySelectorAll(ROWS)].filter((row) => isSeen(row) && linkOf(row));
  let last = null;
  document.addEventListener("focusin", (event) => { last = event.target.closest(ROWS) || last; });
  const here = () => (last && last.isConnected ? last : null);

  function step(by) {
    const turn = document.querySelector(`dialog[open] [data-look-step="${by}"]`);
    if (turn) { turn.click(); return; }
    const all = rows();
    const at = all.indexOf(here());
    const row = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
    if (row) linkOf(row).focus();
  }

  const edit = () => {
    const button = document.querySelector("main a[data-hotkey=e]");
    if (button) { button.click(); return; }
    const row = here();
    if (row && row.closest("[data-editable]")) window.location.assign(`${linkOf(row).pathname}/edit`);
  };

  const deeds = {
    j: () => step(1),
    k: () => step(-1),
    e: edit,
    x: () => { const box = here() && here().querySelector(".tick input"); if (box) box.click(); },
    v: () => { const look = here() && here().querySelector("a[data-look]"); if (look) look.click(); },
    u: () => { const up = [...document.querySelectorAll(".crumbs a")].pop(); if (up) up.click(); },
    "?": () => show(),
  };

  function show() {
    sheet.querySelectorAll("[data-needs]").forEach((line) => {
      line.hidden = ![...document.querySelectorAll(line.dataset.needs)].some(isSeen);
    });
    if (!sheet.open) sheet.showModal();
    toggle.focus();
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-open=keys]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    show();
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form[data-guard]");
      if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("[type=submit]")); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !wish() || isTyping(event.target)) return;
    if (document.querySelector("dialog:modal") || document.querySelector("[popover]:popover-open:not([popover=manual])")) return;
    const named = document.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
    const deed = deeds[event.key];
    if (!deed && !(named && isSeen(named))) return;
    event.preventDefault();
    if (event.repeat && !"jk".includes(event.key)) return;
    if (deed) { deed(); return; }
    if (named.matches("input")) { named.focus(); named.select(); } else named.click();
  });
})();
