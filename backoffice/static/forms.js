// Forms: the first error gets the focus, work is not lost by a stray click, nothing is sent twice.
(() => {
  const wrong = document.querySelector("main form:not([data-calm]) [aria-invalid=true]");
  if (wrong && !document.querySelector("dialog[open]")) wrong.focus();

  // What is wrong, in one place: each line leads to its field.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-summary] a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
  });

  // What the browser alone knows to be wrong (nothing filled in, half a date) stands at its field too, in the page's language.
  let first = null;
  document.addEventListener("invalid", (event) => {
    const field = event.target;
    const box = field.closest(".field");
    if (!box || !field.form.matches("[data-needed]")) return;
    event.preventDefault();
    if (!first) setTimeout(() => { first.focus(); first = null; });
    first = first || field;
    const id = `${field.id}-missing`;
    const line = document.getElementById(id) || document.createElement("p");
    line.id = id;
    line.className = "error";
    line.textContent = field.validity.valueMissing ? field.form.dataset.needed : field.validationMessage;
    box.append(line);
    field.classList.add("is-invalid");
    field.setAttribute("aria-invalid", "true");
    const help = (field.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
    field.setAttribute("aria-describedby", [...help, id].join(" "));
    field.addEventListener("input", () => {
      line.remove();
      field.classList.remove("is-invalid");
      field.removeAttribute("aria-invalid");
      if (help.length) field.setAttribute("aria-describedby", help.join(" ")); else field.removeAttribute("aria-describedby");
    }, { once: true });
  }, true);

  // <form data-guard>: leaving it with changed fields asks first. With data-unsaved it holds what was sent and not kept.
  const clean = new Map();
  const state = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));
  const watch = (root) => root.querySelectorAll("form[data-guard]").forEach((form) => {
    clean.set(form, "unsaved" in form.dataset ? null : state(form));
  });
  const isChanged = (form) => clean.has(form) && form.isConnected && clean.get(form) !== state(form);
  const changed = (root = document) => [...clean.keys()].filter((form) => root.contains(form) && isChanged(form));
  const forget = (form) => clean.delete(form);
  window.unsaved = { isChanged, forget };
  document.addEventListener("content-added", (event) => watch(event.detail));
  document.addEventListener("form-saved", (event) => forget(event.detail));
  watch(document);

  // Asks in the one dialog for it, then goes on, without what was typed.
  function ask(forms, go) {
    const dialog = document.getElementById("confirm");
    dialog.querySelector("#confirm-text").textContent = forms[0].dataset.guard;
    dialog.onclick = (click) => {
      const answer = click.target.closest("[data-answer]");
      if (!answer) return;
      dialog.close();
      if (answer.dataset.answer !== "yes") return;
      forms.forEach((form) => {
        forget(form);
        form.dispatchEvent(new CustomEvent("form-dropped", { bubbles: true }));
      });
      go();
    };
    dialog.showModal();
    dialog.querySelector("[data-answer=no]").focus();
  }

  const leads = (link, event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return false;
    if (link.target || link.hasAttribute("download") || "dialog" in link.dataset || link.protocol !== window.location.protocol) return false;
    return link.href.split("#")[0] !== window.location.href.split("#")[0] || !link.hash;
  };
  document.addEventListener("click", (event) => {
    const dialog = event.target.closest("dialog");
    const closer = dialog && event.target.closest("[data-close], [data-close-dialog]");
    const link = !closer && event.target.closest("a[href]");
    const forms = closer ? changed(dialog) : link && leads(link, event) ? changed() : [];
    if (!forms.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(forms, () => { if (closer) dialog.close(); else window.location.assign(link.href); });
  }, true);
  document.addEventListener("cancel", (event) => {
    const forms = event.target instanceof HTMLDialogElement ? changed(event.target) : [];
    if (!forms.length) return;
    event.preventDefault();
    ask(forms, () => event.target.close());
  }, true);

  let sending = null;
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") {
      sending = form;
      form.dataset.sent = "yes";
      setTimeout(() => { delete form.dataset.sent; sending = null; }, 4000);
    }
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
  window.addEventListener("beforeunload", (event) => {
    if (changed().some((form) => form !== sending)) event.preventDefault();
  });
})();
