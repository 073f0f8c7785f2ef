// A new record from inside a picker: its form opens above the one that is being filled in, which stays as it is.
(() => {
  let count = 0;

  const asFragment = (address) => {
    const url = new URL(address, location.href);
    url.searchParams.set("fragment", "1");
    return url;
  };

  // Two forms on one page may have fields of one name: those of the upper one get ids of their own.
  function apart(root, mark) {
    root.querySelectorAll("[id]").forEach((one) => { one.id = mark + one.id; });
    for (const name of ["for", "aria-describedby", "aria-labelledby", "aria-controls"]) {
      root.querySelectorAll(`[${name}]`).forEach((one) => one.setAttribute(name, one.getAttribute(name).split(/\s+/).filter(Boolean).map((id) => mark + id).join(" ")));
    }
    root.querySelectorAll("a[href^='#']").forEach((one) => one.setAttribute("href", `#${mark}${one.getAttribute("href").slice(1)}`));
  }

  // Scripts that only forms bring along.
  function run(root) {
    root.querySelectorAll("script[src]").forEach((one) => {
      const src = one.getAttribute("src");
      one.remove();
      if (document.querySelector(`script[src="${CSS.escape(src)}"]`)) return;
      const script = document.createElement("script");
      script.src = src;
      script.nonce = document.querySelector("script[nonce]").nonce;
      document.body.append(script);
    });
  }

  document.addEventListener("picker-new", async ({ detail: { address, back, chosen } }) => {
    const dialog = document.createElement("dialog");
    const mark = `new${++count}-`;
    dialog.className = "dialog dialog-form";
    dialog.setAttribute("aria-labelledby", `${mark}dialog-title`);

    async function show(answer) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById("dialog-title")) throw new Error(String(answer.status));
      apart(page.body, mark);
      dialog.replaceChildren(...page.body.childNodes);
      run(dialog);
      if (!dialog.open) dialog.showModal();
      const first = dialog.querySelector("[aria-invalid=true], .field input:not([type=hidden], [type=checkbox]), .field select, .field textarea");
      if (first) first.focus();
      document.dispatchEvent(new CustomEvent("content-added", { detail: dialog }));
    }

    async function send(form, button) {
      if (form.dataset.sent) return; // a second click, or Enter twice
      form.dataset.sent = "yes";
      if (button) button.disabled = true;
      try {
        const answer = await fetch(asFragment(form.action), { method: "POST", body: new FormData(form), headers: { Accept: "text/html" }, credentials: "same-origin" });
        if (answer.status === 201) {
          const made = await answer.json();
          document.dispatchEvent(new CustomEvent("form-saved", { detail: form }));
          dialog.close();
          chosen(made);
          return;
        }
        if (answer.redirected) { location.href = answer.url; return; }
        await show(answer);
      } catch {
        const problem = document.createElement("p");
        problem.className = "note note-bad";
        problem.setAttribute("role", "alert");
        problem.textContent = back.dataset.failed;
        form.prepend(problem);
      } finally {
        if (button) button.disabled = false;
        delete form.dataset.sent;
      }
    }

    dialog.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      event.stopPropagation();
      send(event.target, event.submitter);
    });
    dialog.addEventListener("click", (event) => {
      if (!event.target.closest("[data-close-dialog]")) return;
      event.preventDefault();
      dialog.close();
    });
    dialog.addEventListener("close", () => { dialog.remove(); back.focus(); });
    document.body.append(dialog);
    try {
      const answer = await fetch(asFragment(address), { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      await show(answer);
    } catch {
      dialog.remove();
      back.focus();
      window.open(address, "_blank", "noopener");
    }
  });
})();
