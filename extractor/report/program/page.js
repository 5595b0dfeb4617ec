// One page: its head and the two panes with their tabs.

let view = null;  // what is drawn of the page: nodes with lines, its source, what is pinned

async function showPage(position) {
  const entry = pages[position];
  const page = await load(position);
  if (state.page !== position) return;
  view = { nodes: [], lines: [], source: page.source, pinned: null, targets: { old: new Map(), new: new Map() } };
  const panes = comparing ? makeDiffPanes(page) : makeReportPanes(page);
  byId("main").replaceChildren(h("div.page", makeHead(entry, page), panes));
  document.title = `${entry.title || entry.path} · ${index.title}`;
}

function makeHead(entry, page) {
  const source = (page.document || {}).source;
  const facts = [
    h("span.mono", entry.old_path ? `${entry.old_path} → ${entry.path}` : entry.path),
    !comparing && source && h("span", count(source.lines, "line")),
    !comparing && page.document && h("span", count(page.document.sections.length, "section")),
    source && source.encoding !== "utf-8" && h("span", source.encoding),
    comparing && h(`span.pill.${entry.kind}`, entry.kind),
  ];
  const at = state.shown.indexOf(state.page);
  return h("header.pagehead",
    h("div.what", h("h1", { dir: "auto" }, entry.title || entry.path.split("/").pop()), h("div.facts", facts)),
    makeIcon("Previous page (k)", "M10 3 5 8l5 5", () => step(-1), at === 0),
    makeIcon("Next page (j)", "m6 3 5 5-5 5", () => step(1), at === state.shown.length - 1));
}

function makeIcon(label, path, onclick, disabled = false) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  shape.setAttribute("d", path);
  svg.append(shape);
  return h("button.icon", { type: "button", title: label, "aria-label": label, onclick, disabled }, svg);
}

// tabs: [label, () => element]; drawn when first looked at
function makePane(name, tabs) {
  const body = h("div.scroll", { tabindex: "-1", role: "tabpanel" });
  const buttons = tabs.filter(Boolean).map(([label, draw]) => {
    let drawn = null;
    const button = h("button.tab", { type: "button", role: "tab", "aria-selected": "false", onclick: () => {
      for (const other of buttons) other.setAttribute("aria-selected", String(other === button));
      drawn = drawn || draw();
      body.replaceChildren(drawn);
    } }, label);
    return button;
  });
  buttons[0].click();
  return h(`section.pane.${name}`, { "aria-label": name }, h("div.tabs", { role: "tablist" }, buttons), body);
}

function makeReportPanes(page) {
  const left = makePane("source", [["Source", () => page.source ? makeSource(page) : h("p.reject", "The source is not in this report.")]]);
  if (page.reject) return [left, makePane("structured", [["Rejected", () => makeReject(page.reject)]])];
  const right = makePane("structured", [
    ["Structure", () => makeStructure(page.document, "new", null)],
    page.records.length && [`Records ${page.records.length}`, () => h("div.structure", page.records.map(makeRecord))],
    ["JSON", () => h("pre.raw", JSON.stringify(page.document, null, 2))],
  ]);
  return [left, right];
}

function makeReject(reject) {
  const place = reject.line ? `Line ${reject.line}. ` : "";
  const box = h("div.reject.node", { tabindex: "0" }, h("h2", reject.rule), h("p", place, reject.message));
  if (reject.line) track(box, { line: reject.line, end_line: reject.line });
  return box;
}

function makeDiffPanes(page) {
  const marks = { old: new Map(), new: new Map() };
  page.diff.changes.forEach((change, k) => {
    for (const side of ["old", "new"]) {
      if (!change[side] || change.schema) continue;
      const { pointer } = change[side];
      addMark(marks[side], pointer, k);
      // A changed field marks the part it belongs to as well.
      if (change.field) addMark(marks[side], pointer.slice(0, pointer.lastIndexOf("/")), k);
    }
  });
  view.changes = page.diff.changes;
  const before = page.old && page.old.document;
  const left = makePane("source", [
    ["Changes", () => makeChanges(page)],
    before && ["Before", () => makeStructure(before, "old", marks.old)],
    page.source && ["Source", () => makeSource(page)],
  ]);
  const shown = page.document
    ? ["After", () => makeStructure(page.document, "new", marks.new)]
    : ["Before", () => before ? makeStructure(before, "old", marks.old) : makeReject(page.reject || { rule: "", message: "" })];
  return [left, makePane("structured", [shown, page.document && ["JSON", () => h("pre.raw", JSON.stringify(page.document, null, 2))]])];
}

const addMark = (marks, pointer, k) => marks.set(pointer, [...(marks.get(pointer) || []), k]);
