// One cell changed in place: double click, or e on the focused cell, or the pencil. Esc leaves it as it was; what cannot be kept stays typed.
(() => {
  const list = document.querySelector("[data-list]");
  const table = list && list.querySelector("table.rows");
  if (!table || !table.tHead) return;
  const words = list.querySelector("[data-cell-words]").dataset;
  const heads = [...table.tHead.rows[0].cells];
  const columns = heads.map((head) => head.dataset.field).filter(Boolean);
  const noun = table.dataset.noun;
  let current = null; // the form that is open, the cell it stands in, and what to do once it is kept

  const headOf = (cell) => heads[cell.cellIndex];
  const isOpen = (cell) => cell.tagName === "TD" && headOf(cell) && "cell" in headOf(cell).dataset && Boolean(cell.parentElement.dataset.row);
  const addressOf = (cell) => `/${noun}/${cell.parentElement.dataset.row}/cell/${headOf(cell).dataset.field}`;
  const rowOf = (id) => table.querySelector(`tr[data-row="${CSS.escape(String(id))}"]`);

  function tell(text, isBad) {
    const line = list.querySelector("[data-cell-said]");
    line.textContent = "";
    setTimeout(() => { line.textContent = text; }, 50);
    line.classList.toggle("is-bad", Boolean(isBad));
  }

  async function read(answer) {
    if (answer.redirected) return { gone: true };
    if ((answer.headers.get("Content-Type") || "").includes("json")) return { data: await answer.json() };
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = page.querySelector(".cell-form");
    const trouble = page.querySelector(".trouble p");
    return form ? { form: document.adoptNode(form) } : { why: trouble ? trouble.textContent.trim().replace(/\s+/g, " ") : words.failed };
  }

  const hasWork = () => Boolean(current && current.form.isConnected && new URLSearchParams(new FormData(current.form)).toString() !== current.before);

  function put(cell, form) {
    const old = cell.querySelector(".cell-form");
    if (old) old.replaceWith(form); else cell.append(form);
    cell.classList.add("is-open");
    cell.classList.toggle("is-late", cell.getBoundingClientRect().left + form.offsetWidth > document.documentElement.clientWidth - 16);
    document.dispatchEvent(new CustomEvent("content-added", { detail: form }));
    const field = form.querySelector("[aria-invalid=true], .field input:not([type=hidden]), .field select, .field textarea");
    if (field) { field.focus(); if (field.select && field.type !== "checkbox") field.select(); }
  }

  function restore(cell, form) {
    form.remove();
    cell.classList.remove("is-open", "is-late");
    cell.tabIndex = -1;
    cell.focus({ preventScroll: true });
    current = null;
  }

  function complain(cell, why) {
    const form = cell.querySelector(".cell-form");
    const line = document.createElement("p");
    line.className = "error cell-why";
    line.setAttribute("role", "alert");
    line.textContent = why;
    cell.querySelectorAll(".cell-why").forEach((one) => one.remove());
    (form || cell).append(line);
    if (!form) setTimeout(() => line.remove(), 8000);
  }

  async function open(cell, address, done) {
    if (current && current.form.isConnected) {
      if (current.cell === cell || hasWork()) { current.form.querySelector(".field input:not([type=hidden]), .field select, .field textarea").focus(); return; }
      restore(current.cell, current.form);
    }
    let found;
    try {
      found = await read(await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" }));
    } catch { found = { why: words.failed }; }
    if (found.gone) { window.location.assign(address.replace(/\/cell\/.*/, "/edit")); return; }
    if (!found.form) { complain(cell, found.why); return; }
    put(cell, found.form);
    current = { cell, form: found.form, done, before: new URLSearchParams(new FormData(found.form)).toString() };
  }

  // The row as the server draws it now; rules may have changed other cells along.
  function draw(id, cells) {
    const row = rowOf(id);
    if (!row) return;
    heads.forEach((head, at) => {
      const html = cells[head.dataset.field];
      const cell = row.cells[at];
      if (html === undefined || !cell) return;
      const page = new DOMParser().parseFromString(html, "text/html").body;
      const link = cell.tagName === "TH" && cell.querySelector("a");
      if (link) link.textContent = page.textContent.trim() || link.textContent;
      else if (!cell.querySelector(".cell-form")) cell.replaceChildren(...page.childNodes);
    });
  }

  async function send(form, submitter) {
    const { cell, done } = current;
    const body = new FormData(form, submitter);
    body.set("columns", columns.join(","));
    form.setAttribute("aria-busy", "true");
    let found;
    try {
      found = await read(await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" }, credentials: "same-origin" }));
    } catch { found = { why: form.dataset.failed }; }
    form.removeAttribute("aria-busy");
    if (found.gone) { complain(cell, words.signedOut); return; }
    if (found.form) {
      put(cell, found.form);
      current.form = found.form;
      return;
    }
    if (!found.data) { complain(cell, found.why); return; }
    const id = form.action.match(/\/(\d+)\/cell\//)[1];
    restore(cell, form);
    draw(id, found.data.cells);
    tell(found.data.said);
    cell.classList.add("is-saved");
    setTimeout(() => cell.classList.remove("is-saved"), 1500);
    if (done) done(); else cell.focus({ preventScroll: true });
  }

  document.addEventListener("submit", (event) => {
    if (!current || event.target !== current.form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!current.form.hasAttribute("aria-busy")) send(current.form, event.submitter);
  }, true);
  document.addEventListener("click", (event) => {
    if (current && event.target.closest("[data-cell-cancel]") && current.form.contains(event.target)) restore(current.cell, current.form);
  });
  document.addEventListener("keydown", (event) => {
    if (!current || !current.form.contains(event.target) || event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      restore(current.cell, current.form);
    } else if (event.key === "Enter" && (event.target.tagName === "SELECT" || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      current.form.requestSubmit();
    }
  });
  window.addEventListener("beforeunload", (event) => { if (hasWork()) event.preventDefault(); });

  // In the table: double click, keys on the focused cell, and a pencil where the mouse is.
  const begin = (cell) => open(cell, addressOf(cell));
  table.addEventListener("dblclick", (event) => {
    const cell = event.target.closest("td");
    if (!cell || !isOpen(cell) || event.target.closest("a, button, input, .cell-form")) return;
    window.getSelection().removeAllRanges();
    begin(cell);
  });
  table.addEventListener("click", (event) => {
    const pencil = event.target.closest(".cell-pencil");
    const cell = event.target.closest("td");
    if (pencil) { const at = pencil.parentElement; pencil.remove(); begin(at); return; }
    if (cell && isOpen(cell) && !event.target.closest("a, button, input, .cell-form")) { cell.tabIndex = -1; cell.focus({ preventScroll: true }); }
  });
  table.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(".cell-form")) return;
    const cell = event.target.closest("td, th");
    if (!cell || !cell.closest("tbody")) return;
    if (event.target === cell && isOpen(cell) && ["e", "F2", "Enter"].includes(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      begin(cell);
      return;
    }
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || event.target.closest("input")) return;
    let next = cell;
    do { next = by > 0 ? next.nextElementSibling : next.previousElementSibling; } while (next && next.tagName === "TD" && !isOpen(next));
    if (!next) return;
    event.preventDefault();
    const link = next.tagName === "TH" && next.querySelector("a");
    if (link) { link.focus(); return; }
    next.tabIndex = -1;
    next.focus();
  });
  const pencil = document.createElement("button");
  pencil.type = "button";
  pencil.className = "cell-pencil";
  pencil.tabIndex = -1;
  pencil.append(list.querySelector("[data-pencil]").content.cloneNode(true));
  table.addEventListener("mouseover", (event) => {
    const cell = event.target.closest("td");
    if (!cell || !isOpen(cell) || cell.classList.contains("is-open") || pencil.parentElement === cell) return;
    pencil.setAttribute("aria-label", words.change.replace("{field}", headOf(cell).textContent.trim()));
    pencil.title = pencil.getAttribute("aria-label");
    cell.append(pencil);
  });
  table.addEventListener("mouseleave", () => pencil.remove());

  window.cells = { open, pencil: () => pencil.cloneNode(true), words };
})();
