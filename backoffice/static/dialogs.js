// Links with data-dialog open their page as a dialog; what its form answers stays in the dialog until it is done.
(() => {
  if (window.dialogsAreWatched) return; // two parts of a page that want dialogs bring the script twice
  window.dialogsAreWatched = true;
  let dialog = null;

  function make() {
    dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.setAttribute("aria-labelledby", "dialog-title");
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.replaceChildren());
    return dialog;
  }

  const asFragment = (address) => {
    const url = new URL(address, location.href);
    url.searchParams.set("fragment", "1");
    return url;
  };

  // One request and no more: the first to come gets the note that it is done.
  function go(target) {
    if (target.pathname + target.search !== location.pathname + location.search) {
      location.href = target.href;
    } else {
      history.replaceState(history.state, "", target.href);
      location.reload();
    }
  }

  // The inside of a dialog as it is; of any other page (an error, say) what it has to tell.
  async function show(answer) {
    const html = await answer.text();
    const page = new DOMParser().parseFromString(html, "text/html");
    const title = page.getElementById("dialog-title");
    const main = page.querySelector("main");
    if (!title && !main) return false;
    if (main) main.querySelector("h1, h2").id = "dialog-title";
    (dialog || make()).replaceChildren(...(main || page.body).childNodes);
    if (!dialog.open) dialog.showModal();
    const first = dialog.querySelector("[aria-invalid=true], .field input:not([type=hidden]), .field select, .field textarea, button[type=submit]");
    if (first) first.focus();
    document.dispatchEvent(new CustomEvent("content-added", { detail: dialog }));
    return true;
  }

  document.addEventListener("click", async (event) => {
    const cancel = event.target.closest("[data-close-dialog]");
    if (cancel && dialog && dialog.contains(cancel)) {
      event.preventDefault();
      dialog.close();
      return;
    }
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    try {
      const answer = await fetch(asFragment(link.href), { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected || !(await show(answer))) location.href = link.href;
    } catch {
      location.href = link.href;
    }
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!dialog || !dialog.contains(form) || event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter;
    if (button) button.disabled = true;
    try {
      const body = new FormData(form);
      const answer = await fetch(asFragment(form.action), { method: "POST", body, headers: { Accept: "text/html" }, credentials: "same-origin" });
      const next = answer.headers.get("X-Next");
      if (answer.redirected && new URL(answer.url).pathname === "/login") {
        location.href = answer.url;
      } else if (next) {
        document.dispatchEvent(new CustomEvent("form-saved", { detail: form }));
        go(new URL(next, location.href));
      } else {
        await show(answer);
      }
    } catch {
      const note = document.createElement("p");
      note.className = "note note-bad";
      note.setAttribute("role", "alert");
      note.textContent = form.dataset.failed || "";
      form.prepend(note);
    } finally {
      if (button) button.disabled = false;
    }
  });
})();
