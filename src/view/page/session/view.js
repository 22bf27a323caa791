// Which part of the axis is seen, and how wheel, drag and keys move it.

const LEAST_SPAN = 5;

class View {
  constructor(axis) {
    Object.assign(this, { axis, from: 0, to: axis.length, listeners: [], follows: false, isLed: false });
  }

  get span() {
    return this.to - this.from;
  }

  get isWhole() {
    return this.span >= this.axis.length * 0.9999;
  }

  part(x) {
    return (x - this.from) / this.span;
  }

  set(from, to) {
    const span = Math.max(Math.min(LEAST_SPAN, this.axis.length), Math.min(this.axis.length, to - from));
    const middle = (from + to) / 2;
    this.from = Math.max(0, Math.min(this.axis.length - span, middle - span / 2));
    this.to = this.from + span;
    if (!this.isLed) this.follows = false;
    this.listeners.forEach((tell) => tell());
  }

  fit() {
    this.set(0, this.axis.length);
  }

  zoom(factor, part = 0.5) {
    const at = this.from + this.span * part;
    const span = Math.min(this.axis.length, this.span / factor);
    this.set(at - span * part, at + span * (1 - part));
  }

  pan(part) {
    this.set(this.from + this.span * part, this.to + this.span * part);
  }

  // Moves to where the rows are, without an end to following them.
  lead(from, to) {
    this.isLed = true;
    this.zoomTo(from, to);
    this.isLed = false;
  }

  // Moves only as far as it has to.
  show(from, to) {
    if (this.follows || from < this.to && to > this.from) return;
    const middle = (from + to) / 2;
    this.set(middle - this.span / 2, middle + this.span / 2);
  }

  zoomTo(from, to) {
    const room = Math.max((to - from) * 0.08, this.axis.length * 1e-6, 1);
    this.set(from - room, to + room);
  }
}

// The wheel with Ctrl (a pinch is the same) zooms where the pointer is; sideways it pans.
function wheel(view, lane, isAlways) {
  return (event) => {
    const box = lane.getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    if (event.ctrlKey || event.metaKey || (isAlways && !event.shiftKey && Math.abs(event.deltaY) > Math.abs(event.deltaX))) {
      view.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.06 : 0.0022)), between(part));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      if (view.isWhole) return;
      view.pan((event.deltaX || event.deltaY) / box.width);
    } else {
      return;
    }
    event.preventDefault();
  };
}

// Tells of a drag as parts of the node's width: begin(part), move(part, start), end(part, start, isDrag).
function dragging(node, measure, { begin, move, end }) {
  let start = null, isDrag = false, origin = 0;
  const part = (event) => {
    const box = measure.getBoundingClientRect();
    return (event.clientX - box.left) / box.width;
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || part(event) < 0) return;
    start = part(event);
    origin = event.clientX;
    isDrag = false;
    begin?.(start, event);
  });
  node.addEventListener("pointermove", (event) => {
    if (start === null) return;
    if (!isDrag && Math.abs(event.clientX - origin) > 4) {
      isDrag = true;
      node.setPointerCapture(event.pointerId);
    }
    if (isDrag) move?.(part(event), start);
  });
  const stop = (event) => {
    if (start === null) return;
    end?.(part(event), start, isDrag);
    start = null;
  };
  node.addEventListener("pointerup", stop);
  node.addEventListener("pointercancel", stop);
}
