// The summary: figures, and bars by kind and rule.

function showOverview() {
  const view = h("div", h("h1", index.title), h("p.lede", index.lede), makeStats(),
    h("div.columns", comparing ? makeChangeCards() : makeReportCards()));
  byId("main").replaceChildren(h("div.overview", view));
  document.title = index.title;
}

function makeStats() {
  return h("div.stats", index.stats.map(([label, n, tone]) =>
    h(`div.stat${n && tone ? `.${tone}` : ""}`, h("b", number.format(n)), h("span", label))));
}

function makeReportCards() {
  const summary = index.summary;
  const rules = Object.entries(summary.rules).sort((a, b) => RANK[b[1].severity] - RANK[a[1].severity] || b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1));
  return [
    makeCard("Diagnostics by rule", rules.map(([name, rule]) => [name, rule.count, rule.severity, rule.code, rule.summary]), true, "Nothing to report."),
    makeCard("Rejected pages by rule", list(summary.rejects, "error"), true),
    makeCard("Sections by type", list(summary.sections)),
    makeCard("Blocks by type", list(summary.blocks)),
    makeCard("Records", Object.entries(summary.records).flatMap(([name, r]) => [[`${name}, valid`, r.valid, "good"], ...(r.invalid ? [[`${name}, invalid`, r.invalid, "error"]] : [])])),
  ];
}

function makeChangeCards() {
  const rules = Object.entries(index.counts.rules).flatMap(([name, kinds]) => [
    ...(kinds.added ? [[name, kinds.added, "added", "new"]] : []), ...(kinds.removed ? [[name, kinds.removed, "removed", "gone"]] : [])]);
  const whats = Object.entries(index.counts.changes).flatMap(([what, kinds]) =>
    Object.entries(kinds).map(([kind, n]) => [what, n, kind, kind]));
  whats.sort((a, b) => b[1] - a[1]);
  return [makeCard("Changes by kind", whats, true, "Everything means the same."), makeCard("Diagnostics by rule", rules, true)];
}

const list = (counts, tone) => Object.entries(counts).map(([name, n]) => [name, n, tone]).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));

// entries: [name, count, tone, small print, tooltip]
function makeCard(title, entries, picks = false, empty = null) {
  if (!entries.length && !empty) return null;
  const most = Math.max(...entries.map((entry) => entry[1]), 1);
  return h("section.card", h("h2", title), h("div.bars", entries.map((entry) => makeBar(entry, most, picks))),
    !entries.length && h("p.empty", empty));
}

function makeBar([name, n, tone, small, tip], most, picks) {
  const fill = h("span.fill");
  fill.style.width = `${(100 * n) / most}%`;
  const label = h("span.label", tone && h("i.dot"), small && h("span.ex", small), h("span", name));
  const parts = [label, h("span.track", fill), h("span.count", number.format(n))];
  const spec = `barrow${tone ? `.${tone}` : ""}`;
  if (!picks) return h(`div.${spec}`, parts);
  return h(`button.${spec}`, { type: "button", title: tip, onclick: () => { setFilter({ pick: name, kind: "" }); step(1); } }, parts);
}
