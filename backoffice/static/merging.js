// A form that says below the field, while somebody types, which records have the same already: once a pause, never while an input method composes.
(() => {
  const PAUSE_MS = 350;
  function watch(box) {
    const form = box.closest("form");
    if (!form || "watched" in box.dataset) return;
    box.dataset.watched = "yes";
    const inputs = box.dataset.fields.split(" ").map((name) => form.elements[name]).filter((input) => input instanceof HTMLElement);
    let timer = 0;
    let asking = null;
    let asked = "";

    const show = (found) => {
      if (!found.length) { box.replaceChildren(); return; }
      const title = document.createElement("p");
      title.textContent = box.dataset.title;
      const list = document.createElement("ul");
      for (const one of found) {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = one.address;
        link.target = "_blank";
        link.rel = "noopener";
        link.textContent = one.text;
        const why = document.createElement("span");
        why.className = "quiet";
        why.textContent = ` ${one.why}`;
        item.append(link, why);
        list.append(item);
      }
      box.replaceChildren(title, list);
    };

    const ask = async () => {
      const query = new URLSearchParams();
      for (const input of inputs) if (input.value.trim()) query.set(input.name, input.value.trim());
      if (query.toString() === asked) return;
      asked = query.toString();
      asking?.abort();
      if (!asked) { show([]); return; }
      if (box.dataset.except) query.set("except", box.dataset.except);
      asking = new AbortController();
      try {
        const answer = await fetch(`${box.dataset.alike}?${query}`, { headers: { Accept: "application/json" }, signal: asking.signal });
        if (answer.ok) show((await answer.json()).found);
      } catch (error) {
        if (error.name !== "AbortError") asked = "";
      }
    };

    const soon = (event) => {
      const field = event.target.closest(".field");
      if (field && box.parentElement !== field) field.append(box);
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    };
    for (const input of inputs) {
      input.addEventListener("input", (event) => { if (!event.isComposing) soon(event); });
      input.addEventListener("compositionend", soon);
    }
  }

  const within = (root) => root.querySelectorAll("[data-alike]").forEach(watch);
  document.addEventListener("content-added", (event) => within(event.detail));
  within(document);
})();
