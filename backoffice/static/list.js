// Lists: ticked rows and what can be done with them; lean addresses of filter forms.
(() => {
  document.querySelectorAll("form[data-lean]").forEach((form) => {
    form.addEventListener("submit", () => {
      const empty = [...form.elements].filter((one) => one.name && !one.value && !one.disabled);
      empty.forEach((one) => { one.disabled = true; });
      setTimeout(() => empty.forEach((one) => { one.disabled = false; }));
    });
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.filter-more[open]").forEach((one) => {
      if (!one.contains(event.target)) one.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector("details.filter-more[open]");
    if (event.key !== "Escape" || !open || event.defaultPrevented) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  // A table that is wider than its sheet scrolls inside it; the heads of all others stay in sight. What scripts add may widen it.
  const phone = window.matchMedia("(max-width: 767.98px)"); // rows are cards there
  const fit = (wrap) => {
    if (phone.matches) return;
    wrap.classList.remove("is-wide");
    wrap.classList.toggle("is-wide", wrap.scrollWidth > wrap.clientWidth);
  };
  const sizes = new ResizeObserver((entries) => new Set(entries.map((one) => one.target.closest("[data-fit]"))).forEach(fit));
  document.querySelectorAll("[data-fit]").forEach((wrap) => [wrap, ...wrap.children].forEach((one) => sizes.observe(one))); // it tells at once, too

  // About how many rows there are becomes exactly how many, without leaving the page.
  document.querySelectorAll("a[data-count]").forEach((link) => {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      link.setAttribute("aria-busy", "true");
      const answer = await fetch(link.dataset.count, { headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer || !answer.ok) { window.location.assign(link.href); return; }
      const { text } = await answer.json();
      const line = link.parentElement;
      link.remove();
      line.textContent = line.textContent.replace(link.dataset.about, text).trim();
    });
  });

  const list = document.querySelector("[data-list]");
  const bar = list && list.querySelector("[data-bulk]");
  if (!bar) return;
  const all = list.querySelector("[data-tick-all]");
  const boxes = [...list.querySelectorAll(".tick [name=ids]")];
  const count = bar.querySelector(".bulk-count");

  function tell() {
    const ticked = boxes.filter((box) => box.checked).length;
    bar.hidden = ticked === 0;
    if (all) { // a board has none
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    count.textContent = count.dataset.count.replace("{count}", ticked);
  }

  let last = null;
  list.addEventListener("click", (event) => {
    const at = boxes.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey && last !== null) {
      const [from, to] = [Math.min(at, last), Math.max(at, last)];
      boxes.slice(from, to + 1).forEach((box) => { box.checked = event.target.checked; });
    }
    last = at;
  });
  list.addEventListener("change", (event) => {
    if (all && event.target === all) boxes.forEach((box) => { box.checked = all.checked; });
    tell();
  });
  bar.querySelector("[data-untick]").addEventListener("click", () => {
    boxes.forEach((box) => { box.checked = false; });
    tell();
    (all || boxes[0]).focus();
  });
  window.addEventListener("pageshow", tell);
  tell();
})();
