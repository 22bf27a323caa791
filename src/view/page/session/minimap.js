// The whole session in a strip, with the part that is seen.

const STRIP = 44;
const LEVELS = 6;

class Minimap {
  constructor(items, axis, view) {
    Object.assign(this, { items, axis, view, hits: [] });
    this.canvas = byId("minimap");
    this.lens = byId("lens");
    this.paint = once(() => this.fill());
    view.listeners.push(() => this.frame());
    themeChanged.push(this.paint);
    new ResizeObserver(this.paint).observe(this.canvas);
    const box = this.canvas.parentElement;
    let grip = null;
    dragging(box, this.canvas, {
      begin: (part) => {
        const [from, to] = [view.from / axis.length, view.to / axis.length];
        const near = 6 / this.canvas.clientWidth;
        grip = view.isWhole ? "new" : Math.abs(part - from) < near ? "from" : Math.abs(part - to) < near ? "to"
          : part > from && part < to ? { from: view.from } : "new";
      },
      move: (part, start) => {
        const x = between(part) * axis.length;
        if (grip === "new") view.set(Math.min(x, start * axis.length), Math.max(x, start * axis.length));
        else if (grip === "from") view.set(Math.min(x, view.to - 1), view.to);
        else if (grip === "to") view.set(view.from, Math.max(x, view.from + 1));
        else view.set(grip.from + (part - start) * axis.length, grip.from + (part - start) * axis.length + view.span);
      },
      end: (part, start, isDrag) => {
        if (!isDrag && !view.isWhole) view.set(part * axis.length - view.span / 2, part * axis.length + view.span / 2);
      },
    });
    box.addEventListener("wheel", wheel(view, this.canvas, true), { passive: false });
    box.addEventListener("dblclick", () => view.fit());
  }

  frame() {
    const { view, axis, lens } = this;
    lens.hidden = view.isWhole;
    lens.style.left = `${(view.from / axis.length) * 100}%`;
    lens.style.width = `${(view.span / axis.length) * 100}%`;
  }

  fill() {
    const { canvas, axis } = this;
    const scale = window.devicePixelRatio || 1, width = canvas.clientWidth;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(STRIP * scale);
    const brush = canvas.getContext("2d");
    brush.scale(scale, scale);
    brush.clearRect(0, 0, width, STRIP);
    const level = (STRIP - 8) / LEVELS;
    const x = (ms) => (axis.at(ms) / axis.length) * width;
    brush.fillStyle = colour("idle");
    for (const piece of axis.idle) brush.fillRect((piece.x / axis.length) * width, 0, ((piece.end - piece.x) / axis.length) * width, STRIP);
    for (const kind of KINDS) {
      brush.fillStyle = colour(kind);
      for (const item of this.items) {
        if (item.kind !== kind) continue;
        const from = x(item.start_unix_ms);
        brush.fillRect(from, 4 + Math.min(LEVELS - 1, item.depth) * level, Math.max(0.8, x(item.end_unix_ms) - from), level - 1.4);
      }
    }
    const ticks = (style, items, top) => {
      brush.fillStyle = style;
      for (const item of items) brush.fillRect(x(item.start_unix_ms) - 0.7, top, 1.6, 4);
    };
    ticks(colour("failed"), this.items.filter(isBad), STRIP - 4);
    ticks(colour("accent"), this.hits.map((at) => this.items[at]), 0);
    this.frame();
  }
}
