// The builder of conditions: a dialog made from what the server says can be asked; its answer is the `where` of the address.
(() => {
  const opener = document.querySelector("[data-builder]");
  if (!opener) return;
  let known = null;
  let dialog = null;
  let count = 0;

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...inside);
    return element;
  };
  const option = (value, text, chosen) => make("option", { value, selected: value === chosen }, text);
  const button = (text, classes, act) => {
    const made = make("button", { type: "button", class: `btn ${classes}` }, text);
    made.addEventListener("click", act);
    return made;
  };
  const field = (name) => known.fields.find((one) => one.name === name) || known.fields[0];

  // One value a line: a list of records, or of anything but choices, becomes a group.
  function spread(said) {
    const group = said.all ? "all" : said.any ? "any" : null;
    if (group) return { [group]: said[group].map(spread) };
    const tests = Object.keys(said).filter((name) => name !== "field");
    if (tests.length > 1) return { all: tests.map((test) => spread({ field: said.field, [test]: said[test] })) };
    const [test] = tests;
    const values = said[test];
    if (!Array.isArray(values) || field(said.field).kind === "choice") return said;
    if (values.length === 1) return { field: said.field, [test]: values[0] };
    return { [test === "not" ? "all" : "any"]: values.map((value) => ({ field: said.field, [test]: value })) };
  }

  function group(said, depth) {
    const join = said.any ? "any" : "all";
    const lines = make("ol", { class: "builder-lines" });
    const choice = make("select", { class: "form-select form-select-sm", "data-join": true, "aria-label": known.words.group },
      option("all", known.words.all, join), option("any", known.words.any, join));
    const add = (made) => { lines.append(make("li", {}, made)); tell(); return made; };
    const foot = make("div", { class: "builder-add" },
      button(`+ ${known.words.add}`, "btn-quiet btn-sm", () => add(leaf({ field: known.fields[0].name })).querySelector("select").focus()));
    if (depth < known.deepest) {
      foot.append(button(`+ ${known.words.group}`, "btn-quiet btn-sm", () => {
        const inner = add(group({ any: [{ field: known.fields[0].name }] }, depth + 1));
        inner.querySelector("select").focus();
      }));
    }
    const head = make("div", { class: "builder-head" }, choice);
    if (depth > 1) head.append(remover());
    (said[join] || []).forEach((one) => lines.append(make("li", {}, one.field === undefined ? group(one, depth + 1) : leaf(one))));
    return make("div", { class: "builder-group", "data-group": true, role: "group" }, head, lines, foot);
  }

  function remover() {
    const made = button("×", "btn-quiet btn-sm builder-remove", (event) => {
      const line = event.currentTarget.closest("li");
      const next = line.nextElementSibling || line.previousElementSibling || line.parentElement.nextElementSibling;
      line.remove();
      tell();
      const target = next && next.querySelector("select, button");
      if (target) target.focus();
    });
    made.setAttribute("aria-label", known.words.remove);
    return made;
  }

  function leaf(said) {
    const line = make("div", { class: "builder-leaf", "data-leaf": true });
    const about = make("select", { class: "form-select form-select-sm", "data-field": true, "aria-label": known.words.field });
    const groups = new Map();
    known.fields.forEach((one) => {
      if (!groups.has(one.group)) groups.set(one.group, make("optgroup", { label: one.group || known.words.own }));
      groups.get(one.group).append(option(one.name, one.label, said.field));
    });
    about.append(...groups.values());
    const test = make("select", { class: "form-select form-select-sm", "data-test": true, "aria-label": known.words.test });
    const value = make("div", { class: "builder-value", "data-value": true });

    const [given] = Object.keys(said).filter((name) => name !== "field");
    const wanted = given === "empty" ? (["0", false].includes(said.empty) ? "filled" : "empty") : given;

    function tests(chosen, at) {
      const one = field(about.value);
      const start = chosen === "is" && Object.hasOwn(one.words, at) ? `=${at}` : chosen;
      const words = Object.entries(one.words).map(([word, label]) => option(`=${word}`, `${known.tests.is} ${label}`, start));
      const plain = one.tests.map((name) => option(name, known.tests[name], start));
      test.replaceChildren(...(one.kind === "link" ? [...words, ...plain] : [...plain, ...words]));
    }
    const values = (at) => value.replaceChildren(...control(field(about.value), test.value, at));

    about.addEventListener("change", () => { tests(); values(); announce(value); });
    test.addEventListener("change", () => { values(); announce(value); });
    tests(wanted, String(said[given]));
    values(said[given]);
    line.append(about, test, value, remover());
    return line;
  }

  // The picker's script takes over what is new on the page.
  const announce = (root) => { if (root.isConnected) document.dispatchEvent(new CustomEvent("content-added", { detail: root })); };

  function control(one, test, at) {
    if (test.startsWith("=") || test === "empty" || test === "filled") return [];
    const text = at === undefined || Array.isArray(at) ? "" : String(at);
    const label = { "aria-label": known.words.value };
    if (one.kind === "choice" || one.kind === "truth") {
      const several = one.kind === "choice";
      const chosen = (Array.isArray(at) ? at : [at]).map(String);
      const list = make("select", { class: "form-select form-select-sm", multiple: several, size: several ? Math.min(one.choices.length, 5) : null, "data-in": true, ...label });
      list.append(...one.choices.map(([value, words]) => make("option", { value, selected: chosen.includes(value) }, words)));
      return [list];
    }
    if (one.kind === "link") {
      const name = `builder-${++count}`;
      const isWord = Object.hasOwn(one.words, text);
      return [make("div", { class: "picker" },
        make("input", { type: "hidden", name, value: isWord ? "" : text, "data-in": true }),
        make("input", {
          class: "form-control form-control-sm", type: "text", id: name, "data-picker": one.options, "data-name": name, autocomplete: "off", spellcheck: "false",
          value: isWord ? "" : known.names[`${one.name}:${text}`] || "", placeholder: known.words.search,
          "data-none": known.words.none, "data-failed": known.words.failed, "data-found": known.words.found, "data-clear": known.words.remove, ...label,
        }))];
    }
    const type = one.kind === "date" && (!text || /^\d{4}-\d\d-\d\d$/.test(text)) ? "date" : "text";
    return [make("input", { class: "form-control form-control-sm", type, value: text, maxlength: 100, autocomplete: "off", "data-in": true, inputmode: one.kind === "number" ? "decimal" : null, ...label })];
  }

  function said(root) {
    if (root.hasAttribute("data-leaf")) return asked(root);
    const parts = [...root.querySelector(":scope > ol").children].map((line) => said(line.firstElementChild)).filter(Boolean);
    return parts.length ? { [root.querySelector(":scope > .builder-head > [data-join]").value]: parts } : null;
  }

  function asked(line) {
    const about = line.querySelector("[data-field]").value;
    const test = line.querySelector("[data-test]").value;
    if (test.startsWith("=")) return { field: about, is: test.slice(1) };
    if (test === "empty" || test === "filled") return { field: about, empty: test === "empty" };
    const input = line.querySelector("[data-in]");
    const value = input.multiple ? [...input.selectedOptions].map((one) => one.value) : input.value.trim();
    const isMissing = value.length === 0;
    const shown = line.querySelector(".picker input[type=text]") || input;
    shown.classList.toggle("is-invalid", isMissing);
    if (isMissing) shown.setAttribute("aria-invalid", "true"); else shown.removeAttribute("aria-invalid");
    return { field: about, [test]: Array.isArray(value) && value.length === 1 ? value[0] : value };
  }

  function tell() {
    if (!dialog) return;
    const leaves = dialog.querySelectorAll("[data-leaf]").length;
    dialog.querySelectorAll(".builder-add button").forEach((one) => { one.disabled = leaves >= known.most; });
  }

  function go(where) {
    const url = new URL(location.href);
    ["page", "at", "count", "where"].forEach((name) => url.searchParams.delete(name));
    if (where) url.searchParams.set("where", JSON.stringify(where));
    location.href = url.href;
  }

  function build(said_now) {
    const start = said_now ? spread(said_now) : { all: [{ field: known.fields[0].name }] };
    const root = group(start.field === undefined ? start : { all: [start] }, 1);
    const why = make("p", { class: "error", role: "alert", hidden: true }, known.words.missing);
    const form = make("form", { class: "ask", novalidate: true }, make("p", { class: "form-text form-lead" }, known.words.choose), root, why, make("div", { class: "dialog-foot" },
      button(known.words.clear, "btn-quiet builder-clear", () => go(null)), button(known.words.cancel, "btn-quiet", () => dialog.close()),
      make("button", { type: "submit", class: "btn btn-primary" }, known.words.apply)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const where = said(root);
      const wrong = form.querySelector(".is-invalid");
      why.hidden = !wrong;
      if (wrong) wrong.focus(); else go(where);
    });
    dialog = make("dialog", { class: "dialog builder", "aria-labelledby": "builder-title" },
      make("header", { class: "dialog-head" }, make("h2", { id: "builder-title" }, known.words.title), closer()), form);
    document.body.append(dialog);
    dialog.addEventListener("close", () => { dialog.remove(); dialog = null; opener.focus(); });
    dialog.showModal();
    announce(dialog);
    tell();
    dialog.querySelector("[data-field]").focus();
  }

  function closer() {
    const made = button("×", "btn-quiet btn-sm", () => dialog.close());
    made.setAttribute("aria-label", known.words.close);
    return made;
  }

  opener.hidden = false;
  opener.addEventListener("click", async () => {
    const where = new URL(location.href).searchParams.get("where");
    const address = opener.dataset.builder + (where ? `?${new URLSearchParams({ where })}` : "");
    opener.setAttribute("aria-busy", "true");
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" }).catch(() => null);
    opener.removeAttribute("aria-busy");
    if (!answer || !answer.ok) { location.reload(); return; }
    known = await answer.json();
    build(known.where);
  });
})();
