// Work on many rows: all that match instead of the ticked ones; fields of a change that are switched on by touching them.
(() => {
  document.querySelectorAll("[data-switched]").forEach((line) => {
    const box = line.querySelector("[name=on]");
    const tell = () => line.classList.toggle("is-on", box.checked);
    const touch = (event) => {
      if (event.target === box) { tell(); return; }
      box.checked = true;
      tell();
    };
    line.addEventListener("input", touch);
    line.addEventListener("change", touch);
    tell();
  });

  const list = document.querySelector("[data-list]");
  const bar = list && list.querySelector("[data-bulk]");
  const button = bar && bar.querySelector("[data-all]");
  const wish = list && list.querySelector("[data-all-input]");
  if (!bar || !wish) return;
  const boxes = [...list.querySelectorAll("tbody .tick input")];
  const count = bar.querySelector(".bulk-count");

  function tell(isAll) {
    const isFull = boxes.length > 0 && boxes.every((box) => box.checked);
    wish.value = isAll && isFull ? "1" : "0";
    if (button) button.hidden = !isFull || wish.value === "1";
    if (wish.value === "1") count.textContent = count.dataset.countAll;
    list.classList.toggle("is-all", wish.value === "1");
  }
  const later = () => setTimeout(() => tell(false)); // after the boxes themselves were ticked
  list.addEventListener("change", later);
  bar.querySelector("[data-untick]").addEventListener("click", later);
  if (button) {
    button.addEventListener("click", () => {
      tell(true);
      bar.querySelector("[type=submit]").focus();
    });
  }
  window.addEventListener("pageshow", later);
  later();
})();
