// Quick look: a record beside its list. Esc closes it, the focus goes back; next and previous row inside; full width on a phone.
(() => {
  const list = document.querySelector("[data-list]");
  const table = list && list.querySelector("table.rows");
  if (!table) return;
  const rows = () => [...table.tBodies[0].rows].filter((row) => row.querySelector("a[data-look]"));
  const isPhone = () => window.matchMedia("(max-width: 767.98px)").matches;
  const here = () => window.location.pathname + window.location.search;
  const words = list.querySelector("[data-cell-words]");
  const noun = table.dataset.noun;

  // The button at the end of each row; without a script the name of the row leads to the same.
  function tool(row, name, address, drawing) {
    const link = document.createElement("a");
    link.className = "row-tool";
    link.href = address;
    link.dataset.keyTarget = name;
    link.setAttribute("aria-label", words.dataset[name].replace("{name}", row.querySelector(".row-name").textContent.trim()));
    link.append(words.querySelector(drawing).content.cloneNode(true));
    return link;
  }
  [...table.tBodies[0].rows].forEach((row) => {
    const place = row.querySelector(".row-tools");
    if (!place || !row.dataset.row) return;
    const address = `/${noun}/${row.dataset.row}`;
    const look = tool(row, "look", address, "[data-eye]");
    look.dataset.look = `${address}/look`;
    place.append(look);
  });

  let panel = null;
  let row = null;
  let asked = 0;

  function make() {
    panel = document.createElement("dialog");
    panel.className = "panel";
    panel.setAttribute("aria-labelledby", "look-title");
    document.body.append(panel);
    panel.addEventListener("close", () => {
      const link = row && row.querySelector("a[data-look]");
      rows().forEach((one) => one.classList.remove("is-looked"));
      panel.replaceChildren();
      document.documentElement.classList.remove("has-panel");
      window.history.replaceState(window.history.state, "", here());
      row = null;
      if (link) link.focus();
    });
    return panel;
  }

  // What facts look like on the page of a record; fetched when somebody looks for the first time.
  function dressed() {
    const address = words.dataset.styles;
    if (document.querySelector(`link[href="${CSS.escape(address)}"]`)) return Promise.resolve();
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = address;
    return new Promise((done) => { sheet.onload = done; sheet.onerror = done; document.head.append(sheet); });
  }

  async function show(answer, target, isFirst) {
    const html = await answer.text();
    const title = html.includes('id="look-title"');
    if (!answer.ok || answer.redirected || !title) return false;
    const page = new DOMParser().parseFromString(html, "text/html");
    const held = panel && panel.contains(document.activeElement) && document.activeElement.dataset.lookStep;
    (panel || make()).replaceChildren(...page.body.childNodes);
    if (!panel.open) { if (isPhone()) panel.showModal(); else panel.show(); }
    document.documentElement.classList.add("has-panel");
    rows().forEach((one) => one.classList.toggle("is-looked", one === target));
    row = target;
    const at = rows().indexOf(row);
    panel.querySelectorAll("[data-look-step]").forEach((button) => { button.disabled = !rows()[at + Number(button.dataset.lookStep)]; });
    offer();
    panel.scrollTop = 0;
    const button = held && panel.querySelector(`[data-look-step="${held}"]:not(:disabled)`);
    if (button) button.focus(); else if (isFirst || !panel.contains(document.activeElement)) panel.querySelector("#look-title").focus();
    document.dispatchEvent(new CustomEvent("content-added", { detail: panel }));
    return true;
  }

  async function ask(target, address, options = {}, isFirst = true) {
    const mine = asked += 1;
    const link = target.querySelector("a[data-look]");
    const url = new URL(address || link.dataset.look, window.location.href);
    url.searchParams.set("fragment", "1");
    url.searchParams.set("next", `${here()}#look-${target.dataset.row}`);
    try {
      const [answer] = await Promise.all([fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin", ...options }), dressed()]);
      if (mine === asked && !(await show(answer, target, isFirst))) window.location.assign(link.href);
    } catch { if (mine === asked) window.location.assign(link.href); }
  }

  function step(by) {
    const next = rows()[rows().indexOf(row) + by];
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    ask(next, null, {}, false);
  }

  // A pencil at each fact that may be changed right here.
  function offer() {
    const inside = panel.querySelector("[data-look-of]");
    if (!window.cells || !inside) return;
    const open = new Set(inside.dataset.cells.split(" "));
    panel.querySelectorAll(".fact[data-field]").forEach((fact) => {
      if (!open.has(fact.dataset.field)) return;
      const button = window.cells.pencil();
      button.removeAttribute("tabindex");
      button.setAttribute("aria-label", window.cells.words.change.replace("{field}", fact.querySelector("dt").textContent.trim()));
      button.title = button.getAttribute("aria-label");
      fact.querySelector("dd").append(button);
    });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-look]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button) {
      event.preventDefault();
      ask(link.closest("tr"));
      return;
    }
    if (!panel || !panel.contains(event.target)) return;
    const turn = event.target.closest("[data-look-step]");
    if (turn) step(Number(turn.dataset.lookStep));
    if (event.target.closest("[data-look-close]")) panel.close();
    const pencil = event.target.closest(".cell-pencil");
    if (pencil) {
      const fact = pencil.closest(".fact");
      window.cells.open(fact.querySelector("dd"), `/${noun}/${row.dataset.row}/cell/${fact.dataset.field}`, () => ask(row));
    }
  });

  document.addEventListener("submit", (event) => {
    if (!panel || !panel.contains(event.target) || !event.target.matches("form.reveal")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const field = new URL(event.target.action).pathname.split("/").pop();
    ask(row, panel.querySelector("[data-reveal]").dataset.reveal + field, { method: "POST", body: new FormData(event.target) });
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (panel && panel.open && event.key === "Escape" && !document.querySelector("dialog:modal:not(.panel)")) {
      event.preventDefault();
      panel.close();
    } else if (panel && panel.contains(event.target) && !isTyping && "jk".includes(event.key)) {
      event.preventDefault();
      step(event.key === "j" ? 1 : -1);
    } else if (event.key === "v" && !isTyping) {
      const target = event.target.closest("tr[data-row]");
      if (!target) return;
      event.preventDefault();
      ask(target);
    }
  });

  const wished = window.location.hash.match(/^#look-(\d+)$/);
  const target = wished && table.querySelector(`tr[data-row="${wished[1]}"]`);
  if (target) ask(target);
})();
