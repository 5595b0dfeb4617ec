// The changes of a page in a comparison.

function makeChanges(page) {
  if (!page.diff.changes.length) {
    const word = { added: "This page is new.", removed: "This page is gone.", renamed: "Only its path is different." };
    return h("div.changes", h("p.empty", word[page.diff.kind] || ""));
  }
  return h("div.changes", page.diff.changes.map(makeChange));
}

function makeChange(change) {
  const subject = [change.what, change.schema, change.field !== change.what && change.field].filter(Boolean).join(" ");
  const place = change.new || change.old;
  const where = place.line ? `${change.new ? "" : "was "}line ${place.line}` : "";
  const element = h(`article.change.node.${change.kind}`, h("header", h("b", change.kind), h("span", subject), h("span.where", where)),
    change.name && h("div.name", { dir: "auto" }, change.name), makeChangeText(change));
  return track(element, change.new && place.line ? { line: place.line, end_line: place.line } : null, {
    pointer: place.pointer, others: () => findTargets(change),
  });
}

function makeChangeText(change) {
  if (change.segments.length) return h("p.text", { dir: "auto" }, elide(change.segments));
  if (change.what === "diagnostic") {
    const d = change.after || change.before;
    return d.before === null ? h("p.text", d.message) : makeRepair(d);
  }
  if (change.what === "reject") return h("p.text", (change.after || change.before).message);
  if (change.kind === "reordered") return h("p.text", change.after.map((name) => (typeof name === "string" ? name : JSON.stringify(name))).join(", "));
  const place = change.what === "section" && change.kind === "moved" && typeof change.after === "number";
  const write = (value) => (place ? `place ${value}` : typeof value === "string" ? value : JSON.stringify(value));
  return h("p.text", { dir: "auto" }, change.before !== null && h("del", write(change.before)),
    change.before !== null && change.after !== null && " → ", change.after !== null && h("ins", write(change.after)));
}

// Long unchanged stretches are cut in the list of changes.
function elide(segments) {
  const cut = segments.map(({ op, text }, k) => {
    if (op !== "same" || text.length < 240) return { op, text };
    const head = k > 0 ? text.slice(0, 90) : "";
    const tail = k < segments.length - 1 ? text.slice(-90) : "";
    return { op, text: `${head} … ${tail}` };
  });
  return makeSegments(cut);
}

// A change lights the nearest drawn part around its pointer, on both sides.
function findTargets(change) {
  const found = [];
  for (const side of ["old", "new"]) {
    let pointer = change[side] ? change[side].pointer : "";
    while (pointer && !view.targets[side].has(pointer)) pointer = pointer.slice(0, pointer.lastIndexOf("/"));
    const element = view.targets[side].get(pointer);
    if (element && element.isConnected) found.push(element);
  }
  return found;
}
