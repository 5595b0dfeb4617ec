// The records of a page, value by value.

function makeRecord(record) {
  const errors = record.errors.map((e) => track(h("div.finding.node.error", h("i.dot"), h("span", h("b", e.pointer || "/"), " ", e.message),
    h("span.where", e.line ? `line ${e.line}` : "")), e.line && { line: e.line, end_line: e.line }, { quiet: true }));
  return h("section.record", h("h2", record.schema, h(`span.pill.${errors.length ? "error" : "good"}`, errors.length ? count(errors.length, "error") : "valid")),
    errors.length > 0 && h("div.findings", errors), makeValue(record.record, "", record.sources));
}

function makeValue(value, pointer, sources) {
  const span = sources[pointer];
  if (value === null || typeof value !== "object") {
    return track(h("span.node.text", { dir: "auto" }, value === null ? "null" : String(value)), span);
  }
  const entries = Object.entries(value);
  if (!entries.length) return h("span.kind", Array.isArray(value) ? "empty list" : "empty");
  return h("dl.value", entries.map(([key, entry]) => [h("dt", Array.isArray(value) ? Number(key) + 1 : key),
    h("dd", makeValue(entry, `${pointer}/${escapePointer(key)}`, sources))]));
}
