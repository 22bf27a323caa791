// Making elements. Texts come from transcripts, so they only ever become text nodes and attributes, never markup.

// Characters that are not seen or that turn the order of writing would let a text pretend to be another one.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

function plain(text) {
  return String(text).replace(UNSEEN, (sign) => "\u27e8" + sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u27e9");
}

// make("td.number", {title: "…", onclick: f}, "text", node)
function make(name, facts = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  describe(node, facts);
  add(node, children);
  return node;
}

function draw(name, facts = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  if (classes.length) node.setAttribute("class", classes.join(" "));
  describe(node, facts);
  add(node, children);
  return node;
}

function describe(node, facts) {
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : plain(value));
  }
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null) continue;
    node.append(child instanceof Node ? child : plain(child));
  }
}

function refill(node, ...children) {
  node.replaceChildren();
  add(node, children);
}

// The text with every place marked that holds the wanted words (in lower case).
function marked(text, wanted) {
  const clean = plain(text);
  const low = clean.toLowerCase();
  // Some letters become longer in lower case; their places are not the same then.
  if (!wanted || low.length !== clean.length) return [clean];
  const parts = [];
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    if (at > from) parts.push(clean.slice(from, at));
    parts.push(make("mark", {}, clean.slice(at, at + wanted.length)));
    from = at + wanted.length;
  }
  parts.push(clean.slice(from));
  return parts;
}

function byId(id) {
  return document.getElementById(id);
}

// Runs at most once for each picture that the browser draws.
function once(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}

function say(text) {
  byId("said").textContent = plain(text);
}
