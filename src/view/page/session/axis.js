// The axis of time. Stretches in which nothing happened take little room on it, unless somebody wants them whole.

const SQUEEZED_PART = 0.018;
const SQUEEZED_TOGETHER = 0.3;

class Axis {
  constructor(items) {
    this.busy = busyStretches(items);
    this.squeeze(true);
  }

  squeeze(isSqueezed) {
    this.isSqueezed = isSqueezed;
    const busy = this.busy.reduce((sum, [from, to]) => sum + to - from, 0) || 1;
    const least = Math.max(2 * SECOND, busy * SQUEEZED_PART);
    const gaps = this.busy.slice(1).filter(([from], place) => from - this.busy[place][1] > least).length;
    const width = Math.min(busy * SQUEEZED_PART, (busy * SQUEEZED_TOGETHER) / Math.max(1, gaps));
    this.pieces = [];
    let x = 0;
    const push = (from, to, size, isIdle) => {
      const last = this.pieces.at(-1);
      if (last && !last.isIdle && !isIdle) Object.assign(last, { to, end: x + size });
      else this.pieces.push({ from, to, x, end: x + size, isIdle });
      x += size;
    };
    this.busy.forEach(([from, to], place) => {
      if (place > 0) {
        const before = this.busy[place - 1][1];
        const isIdle = isSqueezed && from - before > least;
        push(before, from, isIdle ? width : from - before, isIdle);
      }
      push(from, to, to - from, false);
    });
    if (x === 0) this.pieces = [{ from: this.busy[0]?.[0] ?? 0, to: (this.busy[0]?.[0] ?? 0) + 1, x: 0, end: 1, isIdle: false }];
    this.length = Math.max(1, x);
  }

  get idle() {
    return this.pieces.filter((piece) => piece.isIdle);
  }

  // Where a time stands.
  at(ms) {
    const piece = this.piece((one) => one.to < ms);
    return piece.x + between((ms - piece.from) / (piece.to - piece.from || 1)) * (piece.end - piece.x);
  }

  // The time at a place.
  back(x) {
    const piece = this.piece((one) => one.end < x);
    return piece.from + between((x - piece.x) / (piece.end - piece.x || 1)) * (piece.to - piece.from);
  }

  piece(isBefore) {
    let low = 0, high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.pieces[middle])) low = middle + 1;
      else high = middle;
    }
    return this.pieces[low];
  }
}

const between = (part) => Math.max(0, Math.min(1, part));

// When anything was going on, joined. What holds others is busy where they are, so that only its edges count.
function busyStretches(items) {
  const holds = new Set(items.map((item) => item.parent));
  const all = items.flatMap(({ start_unix_ms: from, end_unix_ms }, at) => {
    const to = Math.max(from, end_unix_ms);
    return holds.has(at) ? [[from, from], [to, to]] : [[from, to]];
  }).sort((a, b) => a[0] - b[0]);
  const joined = [];
  for (const [from, to] of all) {
    const last = joined[joined.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

// Even times with room between them, each piece of the axis by itself.
function ticks(axis, from, to, pixels) {
  const perUnit = pixels / (to - from);
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
    ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE), ...[1, 2, 3, 6, 12].map((n) => n * HOUR), DAY, 7 * DAY, 30 * DAY]
    .find((size) => size * perUnit >= 84) ?? 365 * DAY;
  const found = [];
  const push = (at, size, piece) => {
    const x = axis.at(at), last = found[found.length - 1];
    // An idle piece has a label of its own, and so has the end.
    const room = piece === axis.pieces.at(-1) ? to - x : Math.min(to, piece.end) - x;
    if (room * perUnit >= 56 && (!last || (x - last.x) * perUnit >= 68)) found.push({ x, at, step: size });
  };
  const offset = new Date(axis.back(from)).getTimezoneOffset() * MINUTE;
  for (const piece of axis.pieces) {
    if (piece.isIdle || piece.end < from || piece.x > to) continue;
    const begin = Math.max(piece.from, axis.back(Math.max(from, piece.x)));
    const end = Math.min(piece.to, axis.back(Math.min(to, piece.end)));
    let at = Math.ceil((begin - offset) / step) * step + offset;
    // A short piece may have no even time in it; where it begins is of use then.
    if (begin === piece.from && (at > end || (at - begin) * perUnit >= 68)) push(begin, Math.min(step, SECOND), piece);
    for (; at <= end && found.length < 400; at += step) push(at, step, piece);
  }
  return found;
}
