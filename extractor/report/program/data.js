// The pages, packed in script blocks.

// A page lies in its own script block, as the base64 of deflated JSON.
async function load(position) {
  const packed = atob(byId(`p${position}`).textContent);
  const bytes = Uint8Array.from(packed, (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

const fold = (text) => text.normalize("NFKC").toLowerCase();
for (const page of pages) {
  for (const field of ["severities", "rules", "whats"]) page[field] = page[field] || {};
  const words = [page.path, page.old_path, page.title, page.kind, ...Object.keys(page.rules)];
  page.fold = fold([...words, ...(page.headings || [])].filter(Boolean).join("\n"));
}
