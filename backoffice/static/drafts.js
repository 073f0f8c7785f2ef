// Drafts: what was typed into <form data-guard> is kept, sealed, on this machine until it is saved, dropped or the person signs out.
// Only pages of the same person hold the key. Without HTTPS there is no seal; then a draft lives in this tab alone.
(() => {
  const PAUSE = 300, WEEK = 7 * 24 * 3600 * 1000;
  const SECRET = "input[type=password], input[type=file], [data-secret], [autocomplete=one-time-code], [name=csrf_token], [name=next]";
  const meta = document.querySelector("meta[name=drafts]");
  const [owner, key] = meta ? meta.content.split(":") : [];
  const isSealed = Boolean(window.crypto && crypto.subtle);
  const tab = sessionStorage;
  const store = isSealed ? localStorage : sessionStorage;
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
  const hex = (buffer) => [...new Uint8Array(buffer)].map((one) => one.toString(16).padStart(2, "0")).join("");
  const secret = isSealed && key ? crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]) : null;

  async function seal(value) {
    if (!secret) return value;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(value));
    return { iv: hex(iv), text: hex(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await secret, text)) };
  }
  async function open(sealed) {
    if (!secret) return sealed;
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(sealed.iv) }, await secret, bytes(sealed.text));
    return JSON.parse(new TextDecoder().decode(text));
  }
  async function nameOf(address) {
    const text = new TextEncoder().encode(`${key} ${address}`);
    return `draft:${owner}:${isSealed ? hex(await crypto.subtle.digest("SHA-256", text)).slice(0, 40) : address}`;
  }

  const addressOf = (form) => {
    const url = new URL(form.getAttribute("action"), window.location.href);
    url.searchParams.delete("fragment");
    return url.pathname + url.search;
  };
  const controls = (form) => [...form.elements].filter((one) => one.name && !one.matches(SECRET) && one.type !== "submit" && one.type !== "button");
  const isBox = (one) => one.type === "checkbox" || one.type === "radio";
  const told = (form) => controls(form).map((one) => [one.name, isBox(one) ? `${one.value}=${one.checked}` : one.value]);

  async function keep(form) {
    const name = await nameOf(addressOf(form));
    if (!window.unsaved.isChanged(form)) { store.removeItem(name); return name; }
    const draft = { at: Date.now(), sealed: await seal(told(form)) };
    try { store.setItem(name, JSON.stringify(draft)); } catch { /* no room: the form itself still has it */ }
    return name;
  }
  const look = (name) => { try { return JSON.parse(store.getItem(name)); } catch { return null; } };
  const clear = (start, which = () => true) => Object.keys(store).filter((name) => name.startsWith(start) && which(name)).forEach((name) => store.removeItem(name));
  const drop = async (form) => store.removeItem(await nameOf(addressOf(form)));

  function put(form, pairs) {
    const left = new Map();
    pairs.forEach(([name, value]) => left.set(name, [...(left.get(name) || []), value]));
    controls(form).forEach((one) => {
      const value = (left.get(one.name) || []).shift();
      if (value === undefined) return;
      if (isBox(one)) one.checked = value === `${one.value}=true`; else one.value = value;
    });
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function tell(form, which, draft) {
    const note = form.querySelector(`[data-draft="${which}"]`);
    note.hidden = false;
    const when = note.querySelector("time");
    if (when) when.textContent = new Date(draft.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
    return note;
  }

  async function bringBack(form, draft, fresh) {
    try { put(form, await open(draft.sealed)); } catch { return; }
    form.querySelectorAll("[data-draft]").forEach((note) => { note.hidden = true; });
    const note = tell(form, "back", draft);
    note.querySelector("[data-draft-drop]").onclick = () => { put(form, fresh); note.hidden = true; drop(form); };
    const first = controls(form).find((one) => one.type !== "hidden");
    if (first) first.focus();
  }

  async function seek(form) {
    const name = await nameOf(addressOf(form));
    const draft = look(name);
    const isWanted = tab.getItem("draft-wanted") === name;
    if (isWanted) tab.removeItem("draft-wanted");
    if (!draft || "unsaved" in form.dataset) return;
    const fresh = told(form);
    if (isWanted) { await bringBack(form, draft, fresh); return; }
    const offer = tell(form, "offer", draft);
    offer.querySelector("[data-draft-take]").onclick = () => bringBack(form, draft, fresh);
    offer.querySelector("[data-draft-drop]").onclick = () => { offer.hidden = true; drop(form); };
  }

  const waiting = new Map();
  function watch(form) {
    const later = () => {
      clearTimeout(waiting.get(form));
      waiting.set(form, setTimeout(() => { waiting.delete(form); keep(form); }, PAUSE));
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    seek(form);
  }
  const KEPT = "form[data-guard]:has([data-draft])"; // a form for many records says nothing of drafts: the next rows are others
  const all = (root) => root.querySelectorAll(KEPT);

  // A form is sent once its draft is kept: it may meet a session that has ended.
  const kept = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("action") === "/logout") {
      clear(`draft:${owner}:`);
      return;
    }
    if (!owner || !form.matches(KEPT) || kept.has(form) || !window.unsaved.isChanged(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(waiting.get(form));
    const { submitter } = event;
    keep(form).then((name) => tab.setItem("draft-sent", JSON.stringify({ name, address: addressOf(form) }))).finally(() => setTimeout(() => { // while the first event is under way, browsers send nothing
      kept.add(form);
      form.requestSubmit(submitter);
      kept.delete(form);
    }));
  }, true);
  document.addEventListener("form-dropped", (event) => { clearTimeout(waiting.get(event.target)); drop(event.target); });
  document.addEventListener("form-saved", (event) => { clearTimeout(waiting.get(event.detail)); tab.removeItem("draft-sent"); drop(event.detail); });
  document.addEventListener("content-added", (event) => { if (owner) all(event.detail).forEach(watch); });

  // What became of the form that this tab sent last: saved, as the page says; or the session had ended, and it is wanted back.
  function follow() {
    const sent = tab.getItem("draft-sent");
    if (!sent) return;
    const { name, address } = JSON.parse(sent);
    tab.removeItem("draft-sent");
    if (document.querySelector("form[action='/login']")) {
      tab.setItem("draft-wanted", name);
      tab.setItem("draft-address", address);
    } else if (document.querySelector(".notes .note-good")) {
      store.removeItem(name);
    }
  }

  // A dialog that was lost with the session opens again on the page that it belonged to.
  function reopen() {
    const address = tab.getItem("draft-address");
    if (!address || !owner) return;
    tab.removeItem("draft-address");
    const name = tab.getItem("draft-wanted") || "";
    if (!name.startsWith(`draft:${owner}:`)) { tab.removeItem("draft-wanted"); return; }
    const link = [...document.querySelectorAll("a[data-dialog]")].find((one) => one.pathname === new URL(address, window.location.href).pathname);
    if (link) link.click();
  }

  clear("draft:", (name) => { const draft = look(name); return !draft || Date.now() - draft.at > WEEK; });
  // For pages that leave a form in order to come back to it.
  async function leave(form) {
    tab.setItem("draft-wanted", await keep(form));
    window.unsaved.forget(form);
  }
  window.drafts = { leave };

  follow();
  if (owner) all(document).forEach(watch);
  reopen();
})();
