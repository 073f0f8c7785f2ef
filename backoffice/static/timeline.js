// The timeline: kinds and further pages come without leaving the page; parts that are folded open when one goes there.
(() => {
  let asking = null;

  async function part(address, name, signal) {
    const url = new URL(address);
    url.searchParams.set("part", name);
    const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin", signal });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
  }

  function fetched(link) {
    if (asking) asking.abort();
    asking = new AbortController();
    return part(link.href, "timeline", asking.signal);
  }

  // Older lines go below those that are there; another choice of kinds begins anew.
  function put(story, next, isMore) {
    const lines = story.querySelector(".story-lines");
    if (!isMore || !lines) {
      story.replaceWith(next);
      next.querySelector("h2").focus({ preventScroll: true });
      return;
    }
    const added = [...next.querySelectorAll(".story-line")];
    lines.append(...added);
    const [pages, following] = [story, next].map((one) => one.querySelector(".related-pages"));
    const older = following && following.querySelector("[data-part=more]");
    const present = pages.querySelector("[data-part=more]");
    if (older) present.replaceWith(older);
    else present.remove();
    const first = added.length && added[0].querySelector("a");
    if (first) first.focus({ preventScroll: true });
  }

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-part]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const story = link.closest("[data-story]");
    story.setAttribute("aria-busy", "true");
    try {
      const next = await fetched(link);
      const isMore = link.dataset.part === "more";
      put(story, next, isMore);
      if (!isMore) history.replaceState(null, "", link.href);
    } catch (error) {
      if (error.name !== "AbortError") location.href = link.href;
    } finally {
      story.removeAttribute("aria-busy");
    }
  });

  // A folded table is read when it is opened.
  document.addEventListener("toggle", async (event) => {
    const table = event.target;
    const link = table.open && table.matches("details.related") && table.querySelector("a[data-table]");
    if (!link) return;
    try {
      const filled = await part(link.href, table.id);
      const [summary, ...inside] = table.children;
      inside.forEach((one) => one.remove());
      table.append(...[...filled.children].slice(1));
      summary.focus();
      document.dispatchEvent(new CustomEvent("content-added", { detail: table }));
    } catch {
      location.href = link.href;
    }
  }, true);

  function unfold() {
    const wanted = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (wanted && wanted.matches("details")) wanted.open = true;
  }
  window.addEventListener("hashchange", unfold);
  document.addEventListener("click", (event) => { if (event.target.closest(".record-parts a")) setTimeout(unfold); });
  unfold();
})();
