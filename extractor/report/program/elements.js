// What all other files use: elements, words for numbers, the state. Nothing is fetched, and
// nothing of a page is parsed as HTML: every text goes through h(), which makes text nodes.

const index = JSON.parse(document.getElementById("index").textContent);
const comparing = index.mode === "diff";
const pages = index.pages;
const state = { page: null, kind: "", pick: "", words: [], shown: [], inText: new Set(), scan: 0 };
const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const RANK = { error: 3, warning: 2, note: 1 };

// h("div.lead", {title: "x"}, "text", node): an element; strings become text nodes.
function h(spec, ...children) {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  let rest = children;
  if (rest.length && isPlain(rest[0])) {
    for (const [name, value] of Object.entries(rest[0])) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) {
        element.setAttribute(name, value === true ? "" : value);
      }
    }
    rest = rest.slice(1);
  }
  for (const child of rest.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Node);
const count = (n, word, plural = `${word}s`) => `${number.format(n)} ${n === 1 ? word : plural}`;
