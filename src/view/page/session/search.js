// Finds items by their names, ids, summaries, facts and texts, folded away or not.

class Search {
  constructor(waterfall, minimap, open) {
    Object.assign(this, { waterfall, minimap, open, hits: [], at: -1, wanted: "", hay: [] });
    this.field = byId("search");
    this.field.addEventListener("input", () => this.find(this.field.value));
    this.field.addEventListener("keydown", (event) => this.key(event));
    byId("search-next").addEventListener("click", () => this.step(1));
    byId("search-previous").addEventListener("click", () => this.step(-1));
  }

  key(event) {
    if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && this.field.value) this.clear();
    else if (event.key === "Escape" || event.key === "ArrowDown") byId("grid").focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  clear() {
    this.field.value = "";
    this.find("");
  }

  look(words) {
    this.field.value = words;
    this.find(words);
    this.step(1);
  }

  // In the order of the rows, which is the order of time.
  find(words) {
    this.wanted = words.trim().toLowerCase();
    const { rows } = this.waterfall;
    const isHit = (item, at) => rows.passes(item) && (this.hay[at] ??= haystack(item)).includes(this.wanted);
    this.hits = this.wanted ? rows.items.flatMap((item, at) => (isHit(item, at) ? [at] : [])) : [];
    this.at = -1;
    this.waterfall.wanted = this.wanted;
    this.minimap.hits = this.hits;
    this.minimap.paint();
    this.waterfall.changed();
    this.tell();
  }

  step(direction) {
    if (!this.hits.length) return this.tell();
    const { selected } = this.waterfall;
    if (this.at < 0) {
      const next = this.hits.findIndex((hit) => hit >= Math.max(0, selected));
      this.at = direction > 0 ? Math.max(0, next) : (next < 0 ? this.hits.length : next) - 1;
    } else {
      this.at += direction;
    }
    this.at = (this.at + this.hits.length) % this.hits.length;
    this.waterfall.select(this.hits[this.at], true);
    this.open(this.hits[this.at], true);
    return this.tell();
  }

  tell() {
    const all = this.hits.length;
    const text = !this.wanted ? "" : !all ? "no match" : this.at < 0 ? times(all, "match", "matches") : `${count(this.at + 1)} of ${count(all)}`;
    byId("search-count").textContent = text;
    byId("search-count").hidden = !this.wanted;
    for (const id of ["search-next", "search-previous"]) Object.assign(byId(id), { disabled: !all, hidden: !this.wanted });
    if (this.wanted) say(text);
  }
}

function haystack(item) {
  const facts = Object.entries(item.facts ?? {}).map(([name, value]) => `${words(name)} ${value}`);
  const texts = Object.values(item.texts ?? {});
  return [nameOf(item), item.name, item.id, item.summary ?? "", KIND_NAMES[item.kind], item.outcome ?? "", ...facts, ...texts]
    .join("\n").toLowerCase();
}
