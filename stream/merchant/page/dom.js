// How is the page changed without losing what its reader has opened or stands on?  Nodes are kept by what they show.

export const $ = (id) => document.getElementById(id);

// An element with a class and text, or children.
export function make(tag, className = "", ...inside) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function draw(tag, attributes, ...inside) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

export function text(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

export function show(node, shown) {
  node.hidden = !shown;
}

// One child of `parent` for each item, in their order: made once, filled each time.
export function list(parent, items, key, fill, create) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let node = known.get(name);
    known.delete(name);
    if (!node) {
      node = create(item);
      node.dataset.key = name;
    }
    fill(node, item);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const gone of known.values()) gone.remove();
}
