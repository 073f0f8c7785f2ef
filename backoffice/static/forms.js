// Forms: the first error gets the focus, work is not lost by a stray click, nothing is sent twice.
(() => {
  const wrong = document.querySelector("main form:not([data-calm]) [aria-invalid=true]");
  if (wrong && !document.querySelector("dialog[open]")) wrong.focus();

  // <form data-guard>: leaving the page with changed fields asks first.
  const guarded = [...document.querySelectorAll("form[data-guard]")];
  const state = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));
  const before = new Map(guarded.map((form) => [form, state(form)]));
  let isSending = false;
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") {
      isSending = true;
      form.dataset.sent = "yes";
      setTimeout(() => { delete form.dataset.sent; isSending = false; }, 4000);
    }
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
  window.addEventListener("beforeunload", (event) => {
    if (!isSending && guarded.some((form) => before.get(form) !== state(form))) event.preventDefault();
  });
})();
