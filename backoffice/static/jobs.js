// Looks again and again how far a job is, and goes on to its page when it is over.
(() => {
  if (window.jobsAreWatched) return; // two jobs on one page bring the script twice
  window.jobsAreWatched = true;
  const [SOON, LATER] = [1000, 5000];

  function paint(box, news) {
    const find = (name) => box.querySelector(`[data-job-${name}]`);
    const write = (name, text) => { if (find(name).textContent !== text) find(name).textContent = text; };
    const bar = box.querySelector("progress");
    write("title", news.texts.title);
    find("title").className = `tone tone-${news.tone}`;
    write("percent", news.percent === null ? "" : `${news.percent} %`);
    ["rows", "speed", "left"].forEach((name) => write(name, news.texts[name] || ""));
    if (news.percent !== null) bar.value = news.percent;
    else if (news.state === "running" && news.worker_alive) bar.removeAttribute("value");
    else bar.value = 0;
    find("alone").hidden = news.worker_alive || !isLive(news);
    find("why").hidden = !news.texts.why;
    write("sentence", news.texts.why || "");
    const cancel = find("cancel");
    if (cancel && (news.is_cancelled || !isLive(news))) cancel.remove();
  }

  const isLive = (news) => news.state === "queued" || news.state === "running";

  function leave(box, news) {
    const where = box.dataset.where || news.where;
    if (!where) return;
    const target = new URL(where, location.href);
    if (target.pathname === location.pathname) location.reload();
    else location.href = target.href;
  }

  function watch(box) {
    const lost = box.querySelector("[data-job-lost]");
    async function look() {
      let news = null;
      try {
        const answer = await fetch(box.dataset.job, { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store" });
        if (answer.status === 401 || answer.status === 404) { location.reload(); return; }
        if (answer.ok) news = await answer.json();
      } catch { /* the server is being restarted, or the way to it is broken: look again */ }
      lost.hidden = news !== null;
      if (news) paint(box, news);
      if (news && !isLive(news)) leave(box, news);
      else setTimeout(look, news && !document.hidden ? SOON : LATER);
    }
    setTimeout(look, SOON / 2);
  }

  document.querySelectorAll("[data-job][data-live=yes]").forEach(watch);
})();
