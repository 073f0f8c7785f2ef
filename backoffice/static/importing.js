// Imports: a file is dropped and sent with a bar that fills; on the page about columns, what follows from a choice is shown at once.
(() => {
  const form = document.querySelector("[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const why = form.querySelector("[data-why]");
  const sending = form.querySelector("[data-sending]");
  const bar = sending.querySelector("progress");
  const said = sending.querySelector("[data-said]");
  const send = form.querySelector("[type=submit]");
  const MB = 1024 * 1024;
  let asking = null;

  function complain(text) {
    why.hidden = !text;
    why.querySelector(".note-text").textContent = text;
    if (text) why.scrollIntoView({ block: "nearest" });
  }

  function busy(is) {
    sending.hidden = !is;
    send.disabled = is;
    if (!is) asking = null;
  }

  const isFitting = () => {
    const file = input.files[0];
    const isTooLarge = file && file.size > Number(form.dataset.most);
    complain(isTooLarge ? form.dataset.tooLarge : "");
    return !isTooLarge;
  };

  const hasFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      drop.classList.add("is-over");
    });
  }
  drop.addEventListener("dragleave", (event) => { if (!drop.contains(event.relatedTarget)) drop.classList.remove("is-over"); });
  drop.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    drop.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    isFitting();
    send.focus();
  });
  input.addEventListener("change", isFitting);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (asking || !isFitting()) return;
    const request = new XMLHttpRequest();
    asking = request;
    bar.value = 0;
    request.upload.addEventListener("progress", (step) => {
      if (!step.lengthComputable) return;
      const percent = Math.floor((step.loaded / step.total) * 100);
      bar.value = percent;
      const words = { percent, done: (step.loaded / MB).toFixed(1), total: (step.total / MB).toFixed(1) };
      said.textContent = form.dataset.progress.replace(/\{(\w+)\}/g, (_all, name) => words[name]);
    });
    request.upload.addEventListener("load", () => { bar.removeAttribute("value"); said.textContent = form.dataset.looking; });
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* not ours */ }
      if (request.status === 200 && answer.next) {
        window.location.assign(answer.next);
        return;
      }
      busy(false);
      complain(answer.error ? answer.error.message : form.dataset.failed);
    });
    request.addEventListener("error", () => { busy(false); complain(form.dataset.failed); });
    request.addEventListener("abort", () => { busy(false); complain(form.dataset.stopped); });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    const data = new FormData(form);
    busy(true);
    request.send(data);
  });
  sending.querySelector("[data-stop]").addEventListener("click", () => { if (asking) asking.abort(); });
  window.addEventListener("pageshow", () => busy(false));
})();

(() => {
  const form = document.querySelector("form[data-live]");
  if (!form) return;
  const part = form.querySelector("[data-live-part]");
  const key = form.querySelector("#key");
  const other = form.querySelector("[data-other-key]");
  const again = form.querySelector("[data-look]");
  const PAUSE = 350;
  let timer = 0;
  let asking = null;

  async function refresh() {
    if (asking) asking.abort();
    asking = new AbortController();
    part.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.live, { method: "POST", body: new FormData(form), signal: asking.signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      const at = part.contains(document.activeElement) ? document.activeElement.id : "";
      const open = [...part.querySelectorAll("details[open]")].map((one) => one.id);
      part.innerHTML = text;
      open.map((id) => document.getElementById(id)).filter(Boolean).forEach((one) => { one.open = true; });
      document.dispatchEvent(new CustomEvent("content-added", { detail: part }));
      const back = at && document.getElementById(at);
      if (back) back.focus();
      part.removeAttribute("aria-busy");
    } catch (error) {
      if (error.name === "AbortError") return;
      part.removeAttribute("aria-busy");
      again.hidden = false; // the button still works
    }
  }

  // A field that was chosen by hand is not what the guess says below it.
  function tellHow(select, how) {
    if (how.dataset.how === "") [how.dataset.how, how.dataset.look] = [how.textContent, how.className];
    const isGuess = [...select.options].every((one) => one.selected === one.defaultSelected) || !(select.value || [...select.options].some((one) => one.defaultSelected));
    how.textContent = isGuess ? how.dataset.how : form.dataset.byHand;
    how.className = isGuess ? how.dataset.look : "form-text";
  }

  again.hidden = true;
  if ("late" in part.dataset) refresh();
  form.addEventListener("change", (event) => {
    if (event.target === key && other) other.open = key.value === "*";
    if (event.target.name === "match") key.value = "*";
    const line = event.target.closest(".map > li");
    if (line) line.classList.toggle("is-left", !line.querySelector("[name^='field.']").value);
    if (event.target.name.startsWith("field.")) tellHow(event.target, line.querySelector("[data-how]"));
    if (event.target.closest(".remember, .reading, [name^='value.']") || /^(blank|as_export)/.test(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  // Enter in the name of the source saves it; elsewhere it goes on.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "name" || event.isComposing) return;
    event.preventDefault();
    form.querySelector("[value=save]").click();
  });
})();
