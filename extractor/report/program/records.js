// The records of a page, value by value.

function makeRecord(record) {
  const errors = record.errors.map((e) => track(h("div.finding.node.error", h("i.dot"), h("span", h("b", e.pointer || "/"), " ", e.message),
    h("span.where", e.line ? `line ${e.line}` : "")), e.line && { line: e.line, end_line: e.line }, { quiet: true }));
  return h("section.record", h("h2", record.schema, h(`span.pill.${errors.length ? "error" : "good"}`, errors.length ? count(errors.length, "error") : "valid")),
    errors.length > 0 && h("div.findings", errors), makeValue(record.record, "", record.sources));
}

// Scalars stand beside their name, what has parts below it.
function makeValue(value, pointer, sources) {
  if (!hasParts(value)) return makeScalar(value, sources[pointer]);
  const kind = Array.isArray(value) ? "entries" : "fields";
  return h(`dl.value.${kind}`, Object.entries(value).map(([key, part]) => {
    const below = kind === "fields" && hasParts(part) ? ".below" : "";
    return [h(`dt${below}`, kind === "entries" ? String(Number(key) + 1) : key),
      h(`dd${below}`, makeValue(part, `${pointer}/${escapePointer(key)}`, sources))];
  }));
}

const hasParts = (value) => value !== null && typeof value === "object" && Object.keys(value).length > 0;

function makeScalar(value, span) {
  if (typeof value === "string") return track(h("span.node.text", { dir: "auto" }, value), span);
  return track(h("span.node.literal", JSON.stringify(value)), span);
}
