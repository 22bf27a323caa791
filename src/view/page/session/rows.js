// Which items are rows: what is not folded away, and what the filters let through with whatever it stands below.

const KINDS = ["turn", "llm_call", "tool", "agent", "compaction", "hook"];
const KIND_NAMES = {
  turn: "Turn", llm_call: "Model call", tool: "Tool call", agent: "Agent", compaction: "Compaction", hook: "Hook",
};
const isBad = (item) => item.standing === "failed" || item.standing === "stopped";

class Rows {
  constructor(items) {
    this.items = items;
    this.folded = new Uint8Array(items.length);
    this.children = new Int32Array(items.length);
    for (const item of items) if (item.parent !== undefined) this.children[item.parent] += 1;
    this.kinds = new Set(KINDS);
    this.isBadOnly = false;
    this.list();
  }

  get isFiltered() {
    return this.isBadOnly || this.kinds.size < KINDS.length;
  }

  passes(item) {
    return this.kinds.has(item.kind) && (!this.isBadOnly || isBad(item));
  }

  list() {
    const { items, folded } = this;
    const kept = new Uint8Array(items.length).fill(this.isFiltered ? 0 : 1);
    if (this.isFiltered) {
      // Children stand behind their parents, so that one way back marks everything above.
      for (let at = items.length - 1; at >= 0; at -= 1) {
        if (this.passes(items[at])) kept[at] = 1;
        if (kept[at] && items[at].parent !== undefined) kept[items[at].parent] = 1;
      }
    }
    const isHidden = new Uint8Array(items.length);
    this.shown = [];
    this.rowOf = new Int32Array(items.length).fill(-1);
    items.forEach((item, at) => {
      const { parent } = item;
      isHidden[at] = parent !== undefined && (isHidden[parent] || folded[parent]) ? 1 : 0;
      if (isHidden[at] || !kept[at]) return;
      this.rowOf[at] = this.shown.length;
      this.shown.push(at);
    });
  }

  fold(at, isFolded) {
    this.folded[at] = isFolded ? 1 : 0;
    this.list();
  }

  foldAll(isFolded) {
    this.items.forEach((item, at) => { this.folded[at] = isFolded && this.children[at] ? 1 : 0; });
    this.list();
  }

  // Unfolds everything above, so that the item is a row; false where a filter hides it.
  reveal(at) {
    let isChanged = false;
    for (let up = this.items[at].parent; up !== undefined; up = this.items[up].parent) {
      isChanged ||= this.folded[up] === 1;
      this.folded[up] = 0;
    }
    if (isChanged) this.list();
    return this.rowOf[at] >= 0;
  }

  // The nearest thing above that is a row, or the item itself.
  standIn(at) {
    let up = at;
    while (up !== undefined && this.rowOf[up] < 0) up = this.items[up].parent;
    return up;
  }
}

// What a row is called.
function nameOf(item) {
  if (item.kind === "compaction") return "Compaction";
  return item.kind === "turn" && item.turn !== undefined ? `Turn ${item.turn}` : item.name;
}

function summaryOf(item) {
  return item.summary ?? (item.kind === "turn" || item.kind === "compaction" ? words(item.name) : "");
}

// What a screen reader says of a row.
function spoken(item) {
  const parts = [KIND_NAMES[item.kind], nameOf(item), summaryOf(item), duration(item.end_unix_ms - item.start_unix_ms)];
  if (item.standing !== "done") parts.push(item.standing === "unknown" ? "end unknown" : item.standing);
  if (item.cost) parts.push(money(item.cost));
  return parts.filter(Boolean).join(", ");
}
