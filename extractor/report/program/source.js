// The source of a page, line by line.

const LONGEST_LINE = 20000;  // of which more is cut, in UTF-16 units
const MOST_LINES = 20000;

function makeSource(page) {
  const { lines } = page.source;
  const severities = {};
  for (const d of (page.document || {}).diagnostics || []) {
    if (d.span && RANK[d.severity] > (RANK[severities[d.span.line]] || 0)) severities[d.span.line] = d.severity;
  }
  if (page.reject && page.reject.line) severities[page.reject.line] = "error";
  const first = page.source.body_line;
  const shown = lines.slice(0, MOST_LINES);
  view.lines = shown.map((text, k) => makeLine(text, k + 1, severities[k + 1], k + 1 < first));
  const more = lines.length - shown.length;
  const pre = h("pre", view.lines, more > 0 && h("p.empty", `… and ${count(more, "more line")}`));
  pre.addEventListener("mouseover", (event) => lightFromLine(event.target.closest(".line")));
  pre.addEventListener("mouseleave", unlight);
  return pre;
}

function makeLine(text, n, severity, front) {
  const cut = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
  const kind = front ? ".front" : /^ {0,3}#{1,6}\s/.test(cut) ? ".head" : "";
  return h(`div.line${kind}${severity ? `.${severity}` : ""}`, { "data-n": n, "data-mark": severity || null }, cut);
}
