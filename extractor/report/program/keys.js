// Keys, theme, and the start of it all.

function showHash() {
  const path = decodeURIComponent(location.hash.slice(1));
  const position = path ? pages.findIndex((page) => page.path === path) : -1;
  const known = position >= 0;
  state.page = known ? position : null;
  markCurrent();
  if (!known) { view = null; showOverview(); return; }
  rows[position].scrollIntoView({ block: "nearest" });
  showPage(position);
}

function escape() {
  if (view && view.pinned) { view.pinned.element.classList.remove("pinned"); view.pinned = null; unlight(); return; }
  if (document.activeElement === byId("search") || state.words.length) {
    byId("search").value = "";
    byId("search").blur();
    setFilter({ words: [] });
  } else if (state.page !== null) go(null);
}

const KEYS = {
  "/": () => { byId("search").focus(); byId("search").select(); },
  j: () => step(1),
  k: () => step(-1),
  n: () => jump(1),
  p: () => jump(-1),
  t: toggleTheme,
  "?": () => byId("keys").showModal(),
};

// Go from finding to finding, or from change to change.
function jump(by) {
  const stops = [...document.querySelectorAll(".finding, .change")];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : at + by];
  if (!next) return;
  const fold = next.closest("details");
  if (fold) fold.open = true;
  next.focus({ preventScroll: true });
  reveal(next);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "Escape") { escape(); return; }
  if (typing && event.key === "Enter" && state.shown.length) { go(state.shown[0]); byId("search").blur(); return; }
  if (typing) return;
  const inList = event.target.closest(".row");
  const key = inList && event.key === "ArrowDown" ? "j" : inList && event.key === "ArrowUp" ? "k" : event.key;
  if (!Object.hasOwn(KEYS, key)) return;
  event.preventDefault();
  const position = KEYS[key]();
  if (inList && position !== undefined) rows[position].focus();
}

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("extractor-theme", root.dataset.theme); } catch { /* not every browser lets files store */ }
}

function restoreTheme() {
  try {
    const theme = localStorage.getItem("extractor-theme");
    if (theme) document.documentElement.dataset.theme = theme;
  } catch { /* see above */ }
}

function debounce(call, wait) {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(call, wait); };
}

restoreTheme();
byId("about").textContent = index.about;
makeChips();
makePicks();
byId("list").append(...rows);
byId("search").addEventListener("input", debounce(() => setFilter({ words: fold(byId("search").value).split(/\s+/).filter(Boolean) }), 90));
byId("reset").addEventListener("click", () => { byId("search").value = ""; setFilter({ words: [], kind: "", pick: "" }); });
byId("theme").addEventListener("click", toggleTheme);
byId("help").addEventListener("click", KEYS["?"]);
byId("keys").addEventListener("click", (event) => { if (event.target === byId("keys")) byId("keys").close(); });
document.addEventListener("keydown", onKey);
window.addEventListener("hashchange", showHash);
showList();
showHash();
document.documentElement.dataset.ready = "yes";
