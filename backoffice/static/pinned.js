// How many rows the views of the menu have: asked for when the page stands, and again when one comes back to it.
(() => {
  const menu = document.querySelector("[data-pinned]");
  if (!menu) return;
  const PAUSE = 30_000;
  let asked = 0;

  async function look() {
    asked = Date.now();
    const answer = await fetch(menu.dataset.pinned, { headers: { Accept: "application/json" }, credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const { counts } = await answer.json();
    menu.querySelectorAll("[data-view]").forEach((count) => {
      const text = counts[count.dataset.view] || "";
      count.textContent = text;
      count.hidden = !text;
    });
  }

  if ([...menu.querySelectorAll("[data-view]")].some((count) => !count.textContent)) look();
  else asked = Date.now();
  document.addEventListener("visibilitychange", () => { if (!document.hidden && Date.now() - asked > PAUSE) look(); });
})();
