// Lists: columns are moved in their dialog and drawn wider or narrower in the head of the table.
(() => {
  // The dialog of the columns: the arrows move a line; the place is said, and the focus stays.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-columns-form] [name=move]");
    if (!button) return;
    event.preventDefault();
    const line = button.closest("li");
    const list = line.parentElement;
    const isUp = button.value.startsWith("up:");
    const other = isUp ? line.previousElementSibling : line.nextElementSibling;
    if (other) { if (isUp) other.before(line); else other.after(line); }
    button.focus();
    const form = button.closest("form");
    const place = [...list.children].indexOf(line) + 1;
    form.querySelector("[data-columns-status]").textContent = form.dataset.said
      .replace("{name}", line.querySelector("label").textContent).replace("{place}", place).replace("{count}", list.children.length);
  });

  // Widths, by drag on a desktop: remembered for the person and this list.
  const NARROWEST = 48;
  const WIDEST = 800;
  const table = document.querySelector("table.rows[data-sizes]");
  if (!table || !window.matchMedia("(min-width: 768px) and (pointer: fine)").matches) return;

  const names = table.dataset.columns.split(",");
  const heads = [...table.querySelectorAll("thead th:not(.tick)")].slice(0, names.length);

  function set(head, width) {
    const at = [...head.parentElement.children].indexOf(head);
    table.querySelectorAll(`tr > :nth-child(${at + 1})`).forEach((cell) => {
      const size = width === null ? "" : `${width}px`;
      Object.assign(cell.style, { width: size, minWidth: size, maxWidth: size });
      cell.classList.toggle("sized", width !== null);
    });
  }

  async function keep(name, width) {
    const body = new URLSearchParams({ deed: "width", name, width: width === null ? "" : width, csrf_token: table.dataset.token });
    await fetch(table.dataset.sizes, { method: "POST", body, credentials: "same-origin" }).catch(() => null);
  }

  heads.forEach((head, i) => {
    const grip = document.createElement("span");
    grip.className = "grip";
    grip.setAttribute("aria-hidden", "true");
    head.append(grip);
    let from = null;
    grip.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      from = { x: event.clientX, width: head.offsetWidth, now: null };
      head.classList.add("is-sizing");
    });
    grip.addEventListener("pointermove", (event) => {
      if (!from) return;
      from.now = Math.round(Math.min(WIDEST, Math.max(NARROWEST, from.width + event.clientX - from.x)));
      set(head, from.now);
    });
    const end = () => {
      head.classList.remove("is-sizing");
      if (from && from.now !== null) { keep(names[i], from.now); window.dispatchEvent(new Event("resize")); }
      from = null;
    };
    grip.addEventListener("pointerup", end);
    grip.addEventListener("pointercancel", end);
    grip.addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); });
    grip.addEventListener("dblclick", () => {
      head.classList.remove(...[...head.classList].filter((one) => one.startsWith("c-")));
      set(head, null);
      keep(names[i], null).then(() => location.reload());
    });
  });
})();
