// Ready-made texts beside a field: a click puts one at its end, and the first blank <…> is marked, to be typed over.
(() => {
  if (window.offersAreWatched) return; // a page and its dialog bring the script twice
  window.offersAreWatched = true;
  const BLANK = /<[^<>\n]{1,30}>/g;
  const fieldOf = (box) => document.getElementById(box.dataset.offers);

  // Only what fits the other fields of the dialog is offered.
  function suit(form) {
    form.querySelectorAll("[data-when]").forEach((offer) => {
      const wanted = Object.entries(JSON.parse(offer.dataset.when));
      offer.hidden = !wanted.every(([name, values]) => form.elements[name] && values.includes(form.elements[name].value));
    });
    form.querySelectorAll(".offers-group").forEach((group) => { group.hidden = !group.querySelector("[data-offer]:not([hidden])"); });
    form.querySelectorAll(".offers").forEach((box) => {
      box.querySelectorAll(".offers-all, .form-text").forEach((part) => { part.hidden = !box.querySelector(".offers-group:not([hidden])"); });
    });
  }

  function mark(field, from) {
    const text = field.value.slice(from);
    const at = text.search(BLANK);
    if (at < 0) field.setSelectionRange(field.value.length, field.value.length);
    else field.setSelectionRange(from + at, from + at + text.slice(at).match(BLANK)[0].length);
  }

  function put(field, text) {
    const start = field.value.length;
    const gap = /[\x21-\x7e]$/.test(field.value) ? " " : "";
    field.focus();
    field.setSelectionRange(start, start);
    if (!document.execCommand("insertText", false, gap + text)) { // keeps the way back by the keyboard
      field.setRangeText(gap + text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    mark(field, start);
  }

  // What is still blank stands below the field; each leads to its place.
  function tell(box) {
    const line = box.querySelector("[data-blanks]");
    const blanks = [...new Set(fieldOf(box).value.match(BLANK) || [])];
    line.hidden = !blanks.length;
    line.replaceChildren(line.dataset.blanks, ...blanks.map((blank) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.blank = blank;
      button.className = "blank";
      button.textContent = blank;
      return button;
    }));
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest(".offers");
    const [offer, blank] = ["[data-offer]", "[data-blank]"].map((one) => event.target.closest(one));
    if (!box || !(offer || blank)) return;
    const field = fieldOf(box);
    if (offer) put(field, offer.textContent);
    else { field.focus(); mark(field, field.value.indexOf(blank.dataset.blank)); }
  });
  document.addEventListener("input", (event) => {
    const box = event.target.id && document.querySelector(`.offers[data-offers="${CSS.escape(event.target.id)}"]`);
    if (box) tell(box);
  });
  document.addEventListener("change", (event) => { if (event.target.form) suit(event.target.form); });
  const begin = (root) => {
    root.querySelectorAll("form:has(.offers)").forEach(suit);
    root.querySelectorAll(".offers").forEach(tell);
  };
  document.addEventListener("content-added", (event) => begin(event.detail));
  begin(document);
})();
