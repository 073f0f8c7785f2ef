// <button data-copy="text" data-copied="Copied">: puts the text on the clipboard and says so.
(() => {
  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) { await navigator.clipboard.writeText(text); return true; }
    const area = document.createElement("textarea"); // without https there is no clipboard but this one
    area.value = text;
    area.className = "visually-hidden";
    area.readOnly = true;
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const isDone = await copy(button.dataset.copy).catch(() => false);
    button.focus();
    if (!isDone || button.querySelector(".copied")) return;
    const note = document.createElement("span");
    note.className = "copied";
    note.setAttribute("role", "status");
    button.append(note);
    note.textContent = button.dataset.copied;
    setTimeout(() => note.remove(), 2000);
  });
})();
