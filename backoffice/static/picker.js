// Pickers: a combobox (WAI-ARIA 1.2, list autocomplete) on <input data-picker="address of the options" data-name="field">.
// The record's id travels in the hidden input before it; without a choice the typed text is taken as a natural key.
// Before anything is typed it offers what was chosen or opened lately: this browser remembers numbers, the server says whose they are.
(() => {
  const PAUSE = 200, KEPT = 15;
  const beginnings = new Map(); // address of options → what is offered before anything is typed, asked for once a page
  let count = 0;

  const nounOf = (address) => new URL(address, location.href).pathname.split("/")[1];
  const me = () => (document.querySelector("[data-me]") || { dataset: {} }).dataset.me || "";
  const place = (noun) => `recent:${me()}:${noun}`;
  const isEnough = (text) => text.length > 1 || /[^\x00-\x7f]/.test(text);

  function recent(noun) {
    try { return (localStorage.getItem(place(noun)) || "").split(",").filter((one) => /^[1-9]\d{0,9}$/.test(one)); } catch { return []; }
  }
  function remember(noun, id) {
    try { localStorage.setItem(place(noun), [String(id), ...recent(noun).filter((one) => one !== String(id))].slice(0, KEPT).join(",")); } catch { /* a private window forgets it */ }
  }

  function make(tag, attributes = {}, ...inside) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  }

  async function get(address, query, signal) {
    const url = new URL(address, location.href);
    Object.entries(query).forEach(([name, value]) => url.searchParams.set(name, value));
    const answer = await fetch(url, { headers: { Accept: "application/json" }, signal, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return answer.json();
  }

  function set(input) {
    const hidden = input.parentElement.querySelector(`input[type=hidden][name="${CSS.escape(input.dataset.name)}"]`);
    const noun = nounOf(input.dataset.picker);
    const words = input.dataset;
    const answered = new Map(); // what was typed → what the server said
    let options = [];
    let at = -1;
    let chosen = hidden.value ? input.value : "";
    let shown = null; // the text that the list answers
    let awaited = null; // the text whose first find is to be chosen
    let timer = 0;
    let asking = null;
    let isComposing = false;
    let endedAt = 0;

    const list = make("div", { id: `picker-${++count}`, class: "picker-list", role: "listbox", popover: "manual" }); // the top layer: nothing clips it, not even a dialog
    list.setAttribute("aria-label", (input.labels[0] ? input.labels[0].textContent : input.getAttribute("aria-label") || "").trim());
    const status = make("span", { class: "visually-hidden", role: "status" });
    const clear = make("button", { type: "button", class: "btn btn-quiet btn-sm picker-clear", "aria-label": words.clear }, "×");
    input.after(clear, list, status);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
      input.setAttribute(name, value);
    }
    showClear();

    function showClear() { clear.hidden = !input.value || input.disabled || input.readOnly; }
    const typed = () => input.value.trim();
    const isOpen = () => list.matches(":popover-open");
    const lines = () => [...list.querySelectorAll("[role=option]")];

    function close() {
      if (isOpen()) list.hidePopover();
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    // Below the input or above it, within what a keyboard on the glass leaves of the window.
    function settle() {
      const box = input.getBoundingClientRect();
      const view = window.visualViewport || { height: window.innerHeight, offsetTop: 0 };
      const [below, above] = [view.offsetTop + view.height - box.bottom - 8, box.top - view.offsetTop - 8];
      if (below < -8 || above < -box.height) { close(); return; }
      const isBelow = below >= 200 || below >= above;
      const width = Math.min(Math.max(box.width, 256), window.innerWidth - 16);
      Object.assign(list.style, { left: `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`, width: `${width}px`, maxHeight: `${Math.max(96, Math.min(352, isBelow ? below : above))}px` });
      list.style.top = isBelow ? `${box.bottom + 4}px` : `${Math.max(view.offsetTop, box.top - list.offsetHeight - 4)}px`;
    }

    function open() {
      if (!isOpen()) list.showPopover();
      input.setAttribute("aria-expanded", "true");
      settle();
    }

    function note(text) { return make("div", { class: "picker-note", role: "presentation" }, text); }

    function option(one, i) {
      const name = make("span", { class: "picker-name" }, ...(one.parts || [[one.text, false]]).map(([text, isHit]) => (isHit ? make("mark", {}, text) : text)));
      const line = make("div", { id: `${list.id}-${i}`, role: "option", "aria-selected": "false", class: "picker-option" }, name);
      if (one.note) line.append(" ", make("span", { class: "picker-facts" }, one.note));
      return line;
    }

    function show(body, text, heading) {
      shown = text;
      at = -1;
      input.removeAttribute("aria-activedescendant");
      options = body.results;
      const parts = options.map(option);
      if (heading && parts.length) parts.unshift(note(heading));
      if (!parts.length) parts.push(note(isEnough(text) ? words.none : words.least));
      if (body.more) parts.push(note(words.more));
      if (words.new && body.new) {
        parts.push(make("div", { id: `${list.id}-new`, role: "option", "aria-selected": "false", class: "picker-option picker-new", "data-new": body.new }, `+ ${words.new}`));
      }
      list.replaceChildren(...parts);
      list.scrollTop = 0;
      status.textContent = options.length ? words.found.replace("{count}", options.length) : list.textContent.trim();
      open();
    }

    function fail() {
      options = [];
      shown = awaited = null;
      list.replaceChildren(note(words.failed));
      status.textContent = words.failed;
      open();
    }

    function choose(one) {
      hidden.value = one.id;
      input.value = chosen = one.text;
      awaited = null;
      clearTimeout(timer);
      if (asking) asking.abort();
      close();
      showClear();
      remember(noun, one.id);
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function take(line) {
      if (line.dataset.new) begin(line.dataset.new);
      else choose(options[Number(line.id.split("-").pop())]);
    }

    function point(index) {
      const all = lines();
      if (!all.length) return;
      at = (index + all.length) % all.length;
      all.forEach((line, i) => line.setAttribute("aria-selected", String(i === at)));
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    }

    // What is likely, narrowed by what was typed while that is too little to ask for.
    async function offer() {
      const text = typed() === chosen ? "" : typed();
      const key = words.picker;
      if (!beginnings.has(key)) beginnings.set(key, get(words.picker, { recent: recent(noun).join(",") }));
      try {
        const body = await beginnings.get(key);
        if (document.activeElement !== input || isComposing || (typed() !== text && typed() !== chosen)) return;
        const fitting = body.results.filter((one) => `${one.text} ${one.note}`.toLowerCase().includes(text.toLowerCase()));
        show({ ...body, results: fitting, more: false }, text, text ? "" : words.likely);
      } catch {
        beginnings.delete(key);
        fail();
      }
    }

    async function ask() {
      clearTimeout(timer);
      const text = typed();
      if (asking) asking.abort();
      if (!isEnough(text)) {
        if (text || isOpen()) offer();
        return;
      }
      asking = new AbortController();
      try {
        const body = answered.get(text) || await get(words.picker, { q: text, recent: recent(noun).join(",") }, asking.signal);
        answered.set(text, body);
        if (document.activeElement !== input || typed() !== text || isComposing) return;
        show(body, text);
        if (awaited === text && options.length) choose(options[0]);
        awaited = null;
      } catch (error) {
        if (error.name !== "AbortError") fail();
      }
    }

    function later() {
      clearTimeout(timer);
      awaited = null;
      if (input.value !== chosen) hidden.value = "";
      showClear();
      if (asking) asking.abort();
      timer = setTimeout(ask, PAUSE);
    }

    // A form for a new record above this one, which stays as it is; what was made is chosen here.
    async function begin(offered) {
      const text = typed() === chosen ? "" : typed();
      let address = offered;
      clearTimeout(timer);
      close();
      if (text && text !== shown) { // what was typed since goes into the form, too
        try { address = (await get(words.picker, { q: text })).new || offered; } catch { /* then without it */ }
      }
      document.dispatchEvent(new CustomEvent("picker-new", { detail: { address, back: input, chosen: (one) => { beginnings.clear(); answered.clear(); choose(one); } } }));
    }

    input.addEventListener("compositionstart", () => { isComposing = true; clearTimeout(timer); if (asking) asking.abort(); });
    input.addEventListener("compositionend", () => { isComposing = false; endedAt = performance.now(); later(); });
    input.addEventListener("input", (event) => { if (!event.isComposing && !isComposing) later(); });
    // The Enter that ends a composition reaches some browsers as a key of its own.
    const ofInputMethod = (event) => isComposing || event.isComposing || event.keyCode === 229 || (event.key === "Enter" && performance.now() - endedAt < 50);

    input.addEventListener("keydown", (event) => {
      if (ofInputMethod(event)) {
        if (event.key === "Enter") event.preventDefault();
        return;
      }
      const wasOpen = isOpen();
      const isNew = input.value !== chosen && typed() !== "";
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (event.altKey && event.key === "ArrowUp") close();
        else if (wasOpen) point(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
        else if (isNew && isEnough(typed())) ask();
        else offer();
      } else if (wasOpen && at >= 0 && (event.key === "Home" || event.key === "End")) {
        event.preventDefault();
        point(event.key === "Home" ? 0 : -1);
      } else if (event.key === "Enter" && (wasOpen || (isNew && shown !== typed() && isEnough(typed())))) {
        event.preventDefault();
        if (at >= 0) take(lines()[at]);
        else if (isNew && shown === typed() && options.length) choose(options[0]);
        else if (isNew && isEnough(typed()) && shown !== typed()) { awaited = typed(); ask(); }
      } else if (event.key === "Escape" && wasOpen) {
        event.preventDefault();
        event.stopPropagation();
        close();
      } else if (event.key === "Tab" && wasOpen && at >= 0 && !lines()[at].dataset.new) {
        take(lines()[at]);
      }
    });
    input.addEventListener("click", () => { if (!isOpen() && !input.readOnly && !input.disabled && (!typed() || typed() === chosen)) offer(); });
    input.addEventListener("blur", () => { clearTimeout(timer); if (asking) asking.abort(); close(); });
    const follow = () => { if (isOpen()) settle(); };
    window.addEventListener("resize", follow);
    document.addEventListener("scroll", (event) => { if (event.target !== list) follow(); }, true);
    if (window.visualViewport) window.visualViewport.addEventListener("resize", follow);
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const line = event.target.closest("[role=option]");
      if (line) take(line);
    });
    clear.addEventListener("click", () => {
      hidden.value = input.value = chosen = "";
      options = [];
      shown = null;
      close();
      showClear();
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
  }

  const within = (root) => root.querySelectorAll("input[data-picker]:not([role=combobox])").forEach(set);
  document.addEventListener("content-added", (event) => within(event.detail));
  within(document);
  const opened = document.querySelector("[data-opened]");
  if (opened) remember(...opened.dataset.opened.split("/"));
})();
