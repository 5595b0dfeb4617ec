// What was extracted from a page, drawn the way it reads.

function makeStructure(doc, side, marks) {
  const draw = { side, marks };
  const root = h("div.structure", makeMetadata(doc, draw), !comparing && makeFindings(doc), makeSections(doc, draw));
  root.addEventListener("mouseleave", unlight);
  if (!comparing) placeStrips(doc);
  return root;
}

// An element for something of the document, with its lines and its changes.
function part(spec, span, pointer, draw, ...children) {
  const element = h(`${spec}.node`, ...children);
  const ks = draw.marks ? draw.marks.get(pointer) || [] : [];
  for (const k of ks) element.classList.add(`is-${MARKS[view.changes[k].kind]}`);
  view.targets[draw.side].set(pointer, element);
  return track(element, draw.side === "new" ? span : null, { pointer });
}
const MARKS = { added: "added", removed: "removed", changed: "changed", renamed: "changed", retyped: "changed", moved: "moved", reordered: "moved" };

// The text of a field, with word-level marks where it changed.
function words(text, pointer, draw) {
  const ks = draw.marks ? draw.marks.get(pointer) || [] : [];
  const change = ks.map((k) => view.changes[k]).find((c) => c.segments.length);
  return change ? makeSegments(change.segments, draw.side) : text;
}

function makeSegments(segments, side = "both") {
  return segments.map(({ op, text }) => {
    if (op === "same") return text;
    if (op === "removed") return side === "new" ? null : h("del", text);
    return side === "old" ? null : h("ins", text);
  });
}

function makeMetadata(doc, draw) {
  const entries = Object.entries(doc.metadata);
  if (!entries.length) return null;
  return h("dl.meta", entries.map(([key, value]) => {
    const pointer = `/metadata/${escapePointer(key)}`;
    const plain = typeof value === "string" ? value : JSON.stringify(value);
    const within = draw.marks ? [...draw.marks].filter(([p]) => p === pointer || p.startsWith(`${pointer}/`)) : [];
    const tone = within.length ? `.is-${MARKS[view.changes[within[0][1][0]].kind]}` : "";
    const dd = h(`dd${tone}`, { dir: "auto" }, words(plain, pointer, draw));
    for (const [p] of within) view.targets[draw.side].set(p, dd);
    return [h("dt", key), dd];
  }));
}
const escapePointer = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");

function makeFindings(doc) {
  if (!doc.diagnostics.length) return null;
  const findings = doc.diagnostics.map((d) => track(
    h(`div.finding.node.${d.severity}`, h("i.dot"), h("span", h("b", d.rule), " ", d.message),
      h("span.where", d.span ? `line ${d.span.line}` : ""), d.before !== null && makeRepair(d)), d.span, { quiet: true }));
  return h("details.findings", { open: doc.diagnostics.length <= 4 },
    h("summary", count(doc.diagnostics.length, "diagnostic")), findings);
}

function makeRepair(d) {
  return h("span.repair", h("del", d.before), d.after !== null && [h("span.to", "→"), h("ins", d.after)]);
}

// Diagnostics also stand where they happened: in the smallest part that holds them.
function placeStrips(doc) {
  const nodes = view.nodes.filter((node) => node.span && !node.quiet);
  nodes.sort((a, b) => a.span.start - b.span.start || measure(b.span) - measure(a.span));
  for (const d of doc.diagnostics) {
    const node = d.span && findHolder(nodes, d.span);
    if (node) findHome(node.element).append(h(`div.strip.${d.severity}`, h("b", `${d.code} ${d.rule}`), d.before === null ? d.message : makeRepair(d)));
  }
}

// Nodes come in order, parents before children: the last that holds the span is the smallest.
function findHolder(nodes, span) {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle].span.start <= span.start) low = middle + 1; else high = middle;
  }
  while (low > 0 && !holds(nodes[low - 1].span, span)) low -= 1;
  return nodes[low - 1];
}
// Of a heading only the line is known, of everything else the bytes.
const holds = (outer, inner) => (outer.end === undefined ? outer.line === inner.line : outer.start <= inner.start && outer.end >= inner.end);
const measure = (span) => (span.end === undefined ? 0 : span.end - span.start);
const findHome = (element) => (element.classList.contains("heading")
  ? element.parentElement.querySelector(":scope > .about")
  : element.querySelector(":scope > .strips") || element);

function makeSections(doc, draw) {
  const roots = [];
  const made = new Map();
  doc.sections.forEach((section, k) => {
    const element = makeSection(section, `/sections/${k}`, draw);
    made.set(section.id, element);
    const parent = section.parent !== null && made.get(section.parent);
    if (parent) parent.append(element); else roots.push(element);
  });
  return roots.length ? roots : h("p.empty", "Nothing but front matter.");
}

function makeSection(section, pointer, draw) {
  const heading = section.heading === null ? "before any heading" : words(section.heading, `${pointer}/heading`, draw);
  const head = part("div.heading", headSpan(section.span), pointer, draw, h("h2", { dir: "auto" }, heading),
    h("span.tag", { "data-tag": section.type }, section.type));
  return h(`section.section.l${section.level}`, { "data-id": section.id }, head, makeLinks(section), h("div.about"), makeBlocks(section.blocks, pointer, draw));
}
// A heading stands for its first line, not for all that follows it.
const headSpan = (span) => span && { line: span.line, end_line: span.line, start: span.start };

const makeBlocks = (blocks, pointer, draw) => blocks.map((block, k) => makeBlock(block, `${pointer}/blocks/${k}`, draw));

function makeBlock(block, pointer, draw) {
  const inner = BLOCKS[block.type](block, pointer, draw);
  const lead = block.lead && h("p.lead", { dir: "auto" }, words(block.lead, `${pointer}/lead`, draw));
  return part("div.block", block.span, pointer, draw, lead, inner, LINKED.has(block.type) && makeLinks(block));
}

// Blocks that carry the links of their lead, or of their cells.
const LINKED = new Set(["definitions", "list", "table"]);

const BLOCKS = {
  paragraph: (b, p, draw) => [h("p.text", { dir: "auto" }, words(b.text, `${p}/text`, draw)), makeLinks(b)],
  definitions: (b, p, draw) => h("div.defs", b.items.map((item, k) => makeDefinition(item, `${p}/items/${k}`, draw))),
  list: (b, p, draw) => h("div.items", b.items.map((item, k) => makeItem(item, b.ordered ? `${b.start + k}.` : null, `${p}/items/${k}`, draw))),
  table: makeTable,
  heading: (b, p, draw) => [h("p.text", { dir: "auto" }, h("strong", words(b.text, `${p}/text`, draw))), makeLinks(b)],
  quote: (b, p, draw) => h("div.quote", makeBlocks(b.blocks, p, draw)),
  callout: makeCallout,
  code: (b, p, draw) => [b.language && h("span.kind", b.language, b.info && ` ${b.info}`), h("pre.code", words(b.text, `${p}/text`, draw))],
  image: (b) => h("div.picture", h("span.kind", "image"), h("span", h("span", { dir: "auto" }, b.alt || "no description"), h("div.links", h("span.mono", b.url)))),
  html: (b, p, draw) => [h("span.kind", "HTML"), h("pre.code", words(b.text, `${p}/text`, draw))],
  footnote: (b, p, draw) => h("div.item", h("span.bullet", `[${b.label}]`), h("div", makeBlocks(b.blocks, p, draw))),
  rule: () => h("hr"),
};

function makeDefinition(item, pointer, draw) {
  return part("div.def", item.span, pointer, draw,
    h("div.term", { dir: "auto" }, item.marker && h("span.kind", `${item.marker} `), item.term === null ? "" : words(item.term, `${pointer}/term`, draw)),
    h("div.strips", makeItemBody(item, pointer, draw)));
}

function makeItem(item, mark, pointer, draw) {
  const bullet = item.checked === null ? mark || "•" : item.checked ? "☑" : "☐";
  const term = item.term !== null && [item.marker && h("span.kind", `${item.marker} `), h("span.term", words(item.term, `${pointer}/term`, draw)), ": "];
  return part("div.item", item.span, pointer, draw, h(`span.bullet${mark ? ".step" : ""}`, bullet),
    h("div.strips", makeItemBody(item, pointer, draw, term)));
}

function makeItemBody(item, pointer, draw, term = null) {
  return [h("p.text", { dir: "auto" }, term, words(item.text, `${pointer}/text`, draw)), makeLinks(item),
    item.blocks.length > 0 && h("div.nested", makeBlocks(item.blocks, pointer, draw))];
}

function makeLinks(holder) {
  if (!holder.links.length && !holder.images.length) return null;
  return h("div.links", holder.links.map((l) => h("span", { title: l.title }, `${l.text} ↗ `, h("span.mono", l.url))),
    holder.images.map((i) => h("span", { title: i.title }, `image ${i.alt} `, h("span.mono", i.url))));
}

function makeTable(block, pointer, draw) {
  const align = (k) => (block.align[k] === "right" ? ".right" : block.align[k] === "center" ? ".center" : "");
  const head = h("tr", block.columns.map((c, k) => cell("th", align(k), c, `${pointer}/columns/${k}`, draw)));
  const body = block.rows.map((row, r) => {
    const line = mark(h("tr"), `${pointer}/rows/${r}`, draw);
    line.append(...row.map((text, k) => cell("td", align(k), text, `${pointer}/rows/${r}/${k}`, draw)));
    return line;
  });
  return h("div.grid", h("table", h("thead", head), h("tbody", body)));
}

const cell = (tag, align, text, pointer, draw) => mark(h(`${tag}${align}`, { dir: "auto" }, words(text, pointer, draw)), pointer, draw);

// Rows and cells have no lines of their own; they can be pointed at from a change.
function mark(element, pointer, draw) {
  if (!draw.marks) return element;
  for (const k of draw.marks.get(pointer) || []) element.classList.add(`is-${MARKS[view.changes[k].kind]}`);
  view.targets[draw.side].set(pointer, element);
  return element;
}

const TONES = { note: ".note", tip: ".good", important: ".note", warning: ".warning", caution: ".error" };

function makeCallout(block, pointer, draw) {
  const title = block.title !== null && [" ", h("span", { dir: "auto" }, words(block.title, `${pointer}/title`, draw))];
  return h(`div.quote${TONES[block.kind] || ".note"}`, h("div.alert", h("span.kind-of", block.kind), title), makeBlocks(block.blocks, pointer, draw));
}
