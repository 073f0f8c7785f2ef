// Pickers: a combobox (WAI-ARIA 1.2, list autocomplete) on <input data-picker="address of the options" data-name="field">.
// The record's id travels in the hidden input before it; without a choice the typed text is taken as a natural key.
(() => {
  const PAUSE = 200;
  let count = 0;

  function set(up) {
    const input = up;
    const hidden = input.parentElement.querySelector(`input[type=hidden][name="${CSS.escape(input.dataset.name)}"]`);
    const list = document.createElement("ul");
    const status = document.createElement("span");
    const clear = document.createElement("button");
    let options = [];
    let at = -1;
    let chosen = hidden.value ? input.value : "";
    let timer = 0;
    let asking = null;
    let asked = null;

    list.id = `picker-${++count}`;
    list.className = "picker-list";
    list.popover = "manual"; // the top layer: nothing clips it, not even a dialog
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", (input.labels[0] ? input.labels[0].textContent : input.getAttribute("aria-label") || "").trim());
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    clear.type = "button";
    clear.className = "btn btn-quiet btn-sm picker-clear";
    clear.setAttribute("aria-label", input.dataset.clear);
    clear.textContent = "×";
    input.after(clear, list, status);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
      input.setAttribute(name, value);
    }
    showClear();

    function showClear() { clear.hidden = !input.value || input.disabled || input.readOnly; }

    const isOpen = () => list.matches(":popover-open");

    function close() {
      if (isOpen()) list.hidePopover();
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function say(text) {
      const note = document.createElement("li");
      note.className = "picker-note";
      note.setAttribute("role", "presentation");
      note.textContent = text;
      list.replaceChildren(note);
      status.textContent = text;
      open();
    }

    function open() {
      const box = input.getBoundingClientRect();
      const below = window.innerHeight - box.bottom;
      Object.assign(list.style, { left: `${box.left}px`, width: `${box.width}px`, maxHeight: `${Math.max(120, Math.min(288, Math.max(below, box.top) - 16))}px` });
      if (!isOpen()) list.showPopover();
      list.style.top = below >= list.offsetHeight + 8 || below > box.top ? `${box.bottom + 4}px` : `${box.top - list.offsetHeight - 4}px`;
      input.setAttribute("aria-expanded", "true");
    }

    function choose(index) {
      const option = options[index];
      if (!option) return;
      hidden.value = option.id;
      input.value = chosen = option.text;
      close();
      showClear();
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function point(index) {
      at = (index + options.length) % options.length;
      [...list.children].forEach((child, i) => child.setAttribute("aria-selected", String(i === at)));
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }

    function show(found) {
      options = found;
      at = -1;
      input.removeAttribute("aria-activedescendant");
      if (!found.length) { say(input.dataset.none); return; }
      list.replaceChildren(...found.map((option, i) => {
        const line = document.createElement("li");
        line.id = `${list.id}-${i}`;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", "false");
        line.textContent = option.text;
        return line;
      }));
      status.textContent = input.dataset.found.replace("{count}", found.length);
      open();
    }

    async function ask() {
      const words = input.value.trim();
      if (asking) asking.abort();
      if (!words) { options = []; asked = null; close(); return; }
      asking = new AbortController();
      try {
        const address = `${input.dataset.picker}?${new URLSearchParams({ q: words })}`;
        const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: asking.signal, credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        const body = await answer.json();
        asked = words;
        if (document.activeElement === input) show(body.results);
      } catch (error) {
        if (error.name !== "AbortError") { options = []; say(input.dataset.failed); }
      }
    }

    function later() {
      clearTimeout(timer);
      if (input.value !== chosen) hidden.value = "";
      showClear();
      timer = setTimeout(ask, PAUSE);
    }

    input.addEventListener("input", (event) => { if (!event.isComposing) later(); });
    input.addEventListener("compositionend", later);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const wasOpen = isOpen();
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (wasOpen && options.length) point(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
        else if (options.length && asked === input.value.trim()) { open(); point(event.key === "ArrowDown" ? 0 : -1); } else ask();
      } else if (event.key === "Enter" && wasOpen) {
        event.preventDefault();
        if (at >= 0) choose(at);
        else if (options.length === 1) choose(0);
      } else if (event.key === "Escape" && wasOpen) {
        event.preventDefault();
        event.stopPropagation();
        close();
      } else if (event.key === "Tab" && wasOpen && at >= 0) {
        choose(at);
      }
    });
    input.addEventListener("blur", () => { clearTimeout(timer); close(); });
    window.addEventListener("resize", close);
    document.addEventListener("scroll", (event) => { if (event.target !== list) close(); }, true);
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const line = event.target.closest("[role=option]");
      if (line) choose([...list.children].indexOf(line));
    });
    clear.addEventListener("click", () => {
      hidden.value = input.value = chosen = "";
      options = [];
      close();
      showClear();
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
  }

  const within = (root) => root.querySelectorAll("input[data-picker]:not([role=combobox])").forEach(set);
  document.addEventListener("content-added", (event) => within(event.detail));
  within(document);
})();
