// Dialogs, confirmations, closing of notes, and the switch between light and dark.
(() => {
  const all = (selector) => document.querySelectorAll(selector);

  function open(id) {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const first = dialog.querySelector("[autofocus], [aria-invalid=true], input:not([type=hidden]), select, textarea");
    if (first) first.focus();
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) {
      event.preventDefault();
      open(opener.dataset.open);
    }
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
    const dismisser = event.target.closest("[data-dismiss]");
    if (dismisser) dismisser.closest(".note").remove();
    if (event.target.closest("[data-theme-next]")) {
      const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
      document.documentElement.dataset.bsTheme = next;
      try { localStorage.setItem("theme", next); } catch { /* a private window forgets it */ }
    }
  });
  all("dialog[data-open-now]").forEach((dialog) => open(dialog.id));

  // <form data-confirm="Sentence?"> or a submit button with it: asked in words before it is sent.
  const asked = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const sentence = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
    if (!sentence || asked.has(form) || event.defaultPrevented) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const dialog = document.getElementById("confirm");
    dialog.querySelector("#confirm-text").textContent = sentence;
    const submitter = event.submitter;
    dialog.onclick = (click) => {
      const answer = click.target.closest("[data-answer]");
      if (!answer) return;
      dialog.close();
      if (answer.dataset.answer !== "yes") return;
      asked.add(form);
      form.requestSubmit(submitter);
      asked.delete(form);
    };
    dialog.showModal();
    dialog.querySelector("[data-answer=yes]").focus();
  }, true);
})();
