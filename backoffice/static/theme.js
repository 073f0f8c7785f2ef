// Light or dark, before anything is painted: the person's choice on this machine, else what the system wears.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const wish = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const wear = () => { document.documentElement.dataset.bsTheme = wish() || (dark.matches ? "dark" : "light"); };
  dark.addEventListener("change", wear);
  wear();
})();
