// The search box: a combobox (WAI-ARIA 1.2, list autocomplete) on <input data-suggest="address">, which answers groups of options.
// While an input method composes, nothing is asked and nothing is sent. Enter opens the first of what was found.
(() => {
  const PAUSE = 150;
  const input = document.querySelector("input[data-suggest]");
  if (!input) return;
  const form = input.form;
  const list = document.createElement("div");
  const status = document.createElement("span");
  let timer = 0;
  let asking = null;
  let shown = ""; // the text that the list answers
  let awaited = ""; // the text whose first find is to be opened
  let isComposing = false;
  let endedAt = 0;

  list.id = "find-list";
  list.className = "find-list";
  list.popover = "manual"; // the top layer: nothing clips it
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  form.append(list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    input.setAttribute(name, value);
  }

  const words = () => input.value.trim();
  const isEnough = (text) => text.length > 1 || /[^\x00-\x7f]/.test(text);
  const options = () => [...list.querySelectorAll("[role=option]")];
  const active = () => list.querySelector("[aria-selected=true]");
  const isOpen = () => list.matches(":popover-open");

  function close() {
    if (isOpen()) list.hidePopover();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function open() {
    const box = form.getBoundingClientRect();
    const isNarrow = window.innerWidth < 576;
    Object.assign(list.style, {
      left: isNarrow ? ".5rem" : `${box.left}px`, width: isNarrow ? "calc(100vw - 1rem)" : `${Math.max(box.width, 448)}px`,
      top: `${box.bottom + 4}px`, maxHeight: `${Math.max(160, window.innerHeight - box.bottom - 16)}px`,
    });
    if (!isOpen()) list.showPopover();
    input.setAttribute("aria-expanded", "true");
  }

  function point(option) {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = options();
    if (!all.length) return;
    const at = all.indexOf(active());
    point(all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length]);
  }

  async function ask() {
    clearTimeout(timer);
    const text = words();
    if (asking) asking.abort();
    if (!isEnough(text)) { shown = ""; close(); return; }
    asking = new AbortController();
    try {
      const address = `${input.dataset.suggest}?${new URLSearchParams({ q: text, part: "box" })}`;
      const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: asking.signal, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      list.innerHTML = await answer.text();
      shown = text;
      list.scrollTop = 0;
      const count = options().length - 1;
      status.textContent = count > 0 ? input.dataset.found.replace("{count}", count) : list.textContent.trim();
      if (awaited === text) { enter(); return; }
      if (document.activeElement === input && words() === text && !isComposing) open();
    } catch (error) {
      if (error.name === "AbortError") return;
      close();
      if (awaited === text) form.submit(); // the page of results says what is wrong
    }
  }

  // The chosen find, else the first; where nothing was found the page of results says so.
  function enter() {
    const option = active() || options()[0];
    awaited = "";
    if (option) location.href = option.href;
    else form.submit();
  }

  function later() {
    clearTimeout(timer);
    awaited = "";
    if (words() !== shown) point(null);
    timer = setTimeout(ask, PAUSE);
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
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (isOpen()) step(event.key === "ArrowDown" ? 1 : -1);
      else if (shown && shown === words()) { open(); step(event.key === "ArrowDown" ? 1 : -1); } else ask();
    } else if (event.key === "Enter" && isEnough(words())) {
      event.preventDefault();
      if (shown === words()) enter();
      else { awaited = words(); ask(); }
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      close();
    }
  });
  form.addEventListener("submit", (event) => { if (isComposing) event.preventDefault(); });
  input.addEventListener("focus", () => { if (shown && shown === words() && document.body.dataset.searched !== shown) open(); });
  input.addEventListener("blur", () => { clearTimeout(timer); close(); });
  window.addEventListener("resize", close);
  list.addEventListener("mousedown", (event) => event.preventDefault());
})();
