// Light: pointing at a value marks its lines, pointing at a line its value.

// Remember which lines an element stands for, so that pointing at it lights them up.
function track(element, span, extra = {}) {
  if (!span && !extra.pointer) return element;
  element.setAttribute("tabindex", "0");
  if (span) element.dataset.line = span.line;
  const node = { element, span, ...extra };
  element.addEventListener("mouseover", (event) => { if (nearest(event.target) === element) light(node); });
  element.addEventListener("focus", () => light(node, true));
  element.addEventListener("click", (event) => { if (nearest(event.target) === element) pin(node); });
  element.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === element) pin(node); });
  view.nodes.push(node);
  return element;
}
const nearest = (target) => target.closest(".node");

function unlight() {
  for (const element of document.querySelectorAll(".lit")) element.classList.remove("lit");
  if (CSS.highlights) CSS.highlights.delete("exact");
  if (view && view.pinned) show(view.pinned, false);
}

function light(node, scroll = true) {
  unlight();
  show(node, scroll);
}

function pin(node) {
  const again = view.pinned === node;
  for (const element of document.querySelectorAll(".pinned")) element.classList.remove("pinned");
  view.pinned = again ? null : node;
  if (!again) node.element.classList.add("pinned");
  light(node);
}

function show(node, scroll) {
  node.element.classList.add("lit");
  for (const other of node.others ? node.others() : []) {
    other.classList.add("lit");
    if (scroll) reveal(other);
  }
  if (!node.span) return;
  const lit = view.lines.slice(node.span.line - 1, node.span.end_line);
  for (const line of lit) line.classList.add("lit");
  if (lit.length && scroll) reveal(lit[0], lit[lit.length - 1]);
  if (node.span.end !== undefined) showExact(node.span);
}

// Scroll only the pane, and only if the element is out of sight.
function reveal(element, last = element) {
  const pane = element.closest(".scroll");
  if (!pane) return;
  const box = pane.getBoundingClientRect();
  const top = element.getBoundingClientRect().top - box.top;
  const bottom = last.getBoundingClientRect().bottom - box.top;
  if (top < 0 || bottom > box.height) pane.scrollTop += top - Math.min(box.height / 3, Math.max(0, (box.height - (bottom - top)) / 2));
}

// Mark the very bytes: a span counts bytes of the file, a line on the screen UTF-16 units.
function showExact(span) {
  if (!CSS.highlights || !view.source) return;
  const start = findUnit(span.line, span.start);
  const end = findUnit(span.end_line, span.end);
  if (!start || !end) return;
  const range = new Range();
  range.setStart(start.node, start.unit);
  range.setEnd(end.node, end.unit);
  CSS.highlights.set("exact", new Highlight(range));
}

function findUnit(line, offset) {
  const node = view.lines[line - 1] && view.lines[line - 1].firstChild;
  if (!node) return null;
  let left = offset - view.source.starts[line - 1];
  let unit = 0;
  for (const character of node.data) {
    if (left <= 0) break;
    left -= countBytes(character.codePointAt(0), view.source.width);
    unit += character.length;
  }
  return { node, unit };
}

function countBytes(point, width) {
  if (width === 8) return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  if (width === 16) return point > 0xffff ? 4 : 2;
  return width === 32 ? 4 : 1;
}

function lightFromLine(line) {
  if (!line) return;
  const n = Number(line.dataset.n);
  let best = null;
  for (const node of view.nodes) {
    if (!node.span || node.quiet || !node.element.isConnected || node.span.line > n || node.span.end_line < n) continue;
    const size = node.span.end_line - node.span.line;
    if (!best || size <= best.span.end_line - best.span.line) best = node;
  }
  unlight();
  line.classList.add("lit");
  if (best) {
    show(best, false);
    reveal(best.element);
  }
}
