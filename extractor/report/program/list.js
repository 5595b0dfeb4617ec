// The list of pages: search, filter, what is shown of it.

const rows = pages.map((page, position) => makeRow(page, position));

function makeRow(page, position) {
  const name = page.title || page.path.split("/").pop();
  return h("a.row", { href: `#${encodeURIComponent(page.path)}`, tabindex: "-1", "data-position": position },
    h("span.name", { dir: "auto" }, name), h("span.path", page.path), h("span.tally", makeTally(page)));
}

function makeTally(page) {
  if (comparing) return h(`span.pill.${page.kind}`, { title: page.kind }, page.changes ? number.format(page.changes) : page.kind);
  if (page.kind === "rejected") return h("span.pill.rejected", "rejected");
  const tally = ["error", "warning", "note"].filter((s) => page.severities[s]);
  return tally.map((s) => h(`span.pill.${s}`, { title: count(page.severities[s], s) }, number.format(page.severities[s])));
}

const KINDS = comparing
  ? { changed: "Changed", added: "Added", removed: "Removed", renamed: "Renamed" }
  : { rejected: "Rejected", error: "Errors", warning: "Warnings", note: "Notes", clean: "Clean" };

const isKind = (page, kind) => !kind || page.kind === kind || Boolean(page.severities[kind]);
const isPicked = (page, pick) => !pick || Boolean(page.rules[pick] || page.whats[pick]);

function makeChips() {
  const chips = [["", "All"], ...Object.entries(KINDS)];
  for (const [kind, label] of chips) {
    const found = pages.filter((page) => isKind(page, kind)).length;
    if (kind && !found) continue;
    byId("chips").append(h("button.chip", {
      type: "button", "data-kind": kind, "aria-pressed": String(kind === ""), onclick: () => setFilter({ kind }),
    }, kind && h(`i.dot.${kind === "clean" ? "good" : kind}`), label, h("b", number.format(found))));
  }
}

function makePicks() {
  const select = byId("pick");
  const groups = comparing
    ? [["Changes of", sumOver("whats")], ["Diagnostics", sumOver("rules")]]
    : [["Rules", sumOver("rules")]];
  select.append(h("option", { value: "" }, comparing ? "Any change" : "Any rule"));
  for (const [label, counts] of groups) {
    const names = Object.keys(counts).sort((a, b) => counts[b] - counts[a] || (a < b ? -1 : 1));
    if (names.length) {
      select.append(h("optgroup", { label }, names.map((n) => h("option", { value: n }, `${n} (${number.format(counts[n])})`))));
    }
  }
  select.hidden = select.options.length < 2;
  select.addEventListener("change", () => setFilter({ pick: select.value }));
}

function sumOver(field) {
  const counts = {};
  for (const page of pages) {
    for (const [name, n] of Object.entries(page[field])) counts[name] = (counts[name] || 0) + n;
  }
  return counts;
}

function setFilter(change) {
  Object.assign(state, change);
  byId("pick").value = state.pick;
  for (const chip of byId("chips").children) chip.setAttribute("aria-pressed", String(chip.dataset.kind === state.kind));
  showList();
  if ("words" in change) searchTexts();
}

const isFound = (page, position) =>
  state.words.every((word) => page.fold.includes(word)) || state.inText.has(position);

function showList() {
  state.shown = [];
  pages.forEach((page, position) => {
    const visible = isKind(page, state.kind) && isPicked(page, state.pick) && isFound(page, position);
    rows[position].hidden = !visible;
    if (visible) state.shown.push(position);
  });
  const all = state.shown.length === pages.length;
  byId("count").textContent = all ? count(pages.length, "page") : `${number.format(state.shown.length)} of ${count(pages.length, "page")}`;
  byId("reset").hidden = all;
  byId("none").hidden = state.shown.length > 0;
  markCurrent();
}

// The list is one stop for Tab: the page shown, or else the first of the list.
function markCurrent() {
  const stop = state.shown.includes(state.page) ? state.page : state.shown[0];
  rows.forEach((row, position) => {
    row.tabIndex = position === stop ? 0 : -1;
    if (position === state.page) row.setAttribute("aria-current", "page"); else row.removeAttribute("aria-current");
  });
}

// What stands in the pages is searched page by page in the background, and given up when
// the words change: only one unpacked page is in memory at a time.
async function searchTexts() {
  const scan = ++state.scan;
  state.inText = new Set();
  byId("scan").textContent = "";
  if (state.words.join("").length < 2) return;
  for (let position = 0; position < pages.length; position += 1) {
    if (state.words.every((word) => pages[position].fold.includes(word))) continue;
    const text = fold(collectText(await load(position)));
    if (scan !== state.scan) return;
    if (state.words.every((word) => text.includes(word) || pages[position].fold.includes(word))) state.inText.add(position);
    if (position % 50 === 49) {
      byId("scan").textContent = `searching text, ${Math.round((100 * position) / pages.length)} %`;
      showList();
      await new Promise((resolve) => setTimeout(resolve));
    }
    if (scan !== state.scan) return;
  }
  byId("scan").textContent = "";
  showList();
}

function collectText(page) {
  if (page.source) return page.source.lines.join("\n");
  return JSON.stringify([page.document, page.old && page.old.document]);
}

// Go to the next page of the list or the one before; gives its position.
function step(by) {
  const at = state.shown.indexOf(state.page);
  const next = at < 0 ? (by > 0 ? 0 : state.shown.length - 1) : at + by;
  const position = state.shown[next];
  if (position !== undefined) go(position);
  return position;
}

const go = (position) => { location.hash = position === null ? "" : encodeURIComponent(pages[position].path); };
