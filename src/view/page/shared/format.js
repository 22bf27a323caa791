// Numbers as people read them. What is unknown is a dash, never a zero.

const UNKNOWN = "\u2013";
const NARROW = "\u202f";
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

const isKnown = (value) => value !== undefined && value !== null;

function duration(ms) {
  if (!isKnown(ms)) return UNKNOWN;
  if (ms < 0) return "\u2212" + duration(-ms);
  if (ms < SECOND) return `${Math.round(ms)}${NARROW}ms`;
  if (ms < 9995) return `${(ms / SECOND).toFixed(2)}${NARROW}s`;
  if (ms < 59950) return `${(ms / SECOND).toFixed(1)}${NARROW}s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 3600) return two(seconds, 60, "min", "s");
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 48 * 60) return two(minutes, 60, "h", "min");
  return two(Math.round(ms / HOUR), 24, "d", "h");
}

function two(amount, size, great, small) {
  const rest = amount % size;
  const whole = `${Math.floor(amount / size)}${NARROW}${great}`;
  return rest ? `${whole} ${rest}${NARROW}${small}` : whole;
}

function count(number) {
  return isKnown(number) ? number.toLocaleString("en-US") : UNKNOWN;
}

function compact(number) {
  if (!isKnown(number)) return UNKNOWN;
  for (const [size, sign] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (number < size * 0.9995) continue;
    const amount = number / size;
    return (amount < 9.995 ? amount.toFixed(2) : amount < 99.95 ? amount.toFixed(1) : Math.round(amount)) + sign;
  }
  return String(number);
}

function bytes(number) {
  if (!isKnown(number)) return UNKNOWN;
  if (number < 1000) return `${number}${NARROW}B`;
  return number < 1e6 ? `${(number / 1e3).toFixed(1)}${NARROW}kB` : `${(number / 1e6).toFixed(1)}${NARROW}MB`;
}

function percent(ratio) {
  if (!isKnown(ratio)) return UNKNOWN;
  return `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.1 ? 1 : 0)}${NARROW}%`;
}

function dollars(amount) {
  if (!isKnown(amount)) return UNKNOWN;
  if (amount >= 1000) return "$" + Math.round(amount).toLocaleString("en-US");
  if (amount >= 1 || amount === 0) return "$" + amount.toFixed(2);
  if (amount > 0 && amount < 0.00005) return "<$0.0001";
  return "$" + amount.toFixed(amount >= 0.1 ? 3 : 4);
}

function money(cost) {
  if (!cost || !isKnown(cost.usd)) return UNKNOWN;
  return (cost.is_lower_bound ? "\u2265" + NARROW : "") + dollars(cost.usd);
}

const total = (tokens) => tokens.input + tokens.output + tokens.cache_read + tokens.cache_creation;
const totalInput = (tokens) => tokens.input + tokens.cache_read + tokens.cache_creation;

function hitRatio(tokens) {
  const input = tokens ? totalInput(tokens) : 0;
  return input > 0 ? tokens.cache_read / input : undefined;
}

const pad = (number, width = 2) => String(number).padStart(width, "0");

// In the time of whoever reads the page.
function day(ms) {
  const at = new Date(ms);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

function clock(ms, step = SECOND) {
  const at = new Date(ms);
  const minutes = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  if (step >= MINUTE) return minutes;
  const seconds = `${minutes}:${pad(at.getSeconds())}`;
  return step >= SECOND ? seconds : `${seconds}.${pad(Math.floor(ms % 1000), 3)}`;
}

function moment(ms) {
  return isKnown(ms) ? `${day(ms)} ${clock(ms, 1)}` : UNKNOWN;
}

function times(number, one, several = one + "s") {
  return `${count(number)} ${number === 1 ? one : several}`;
}

// snake_case, as the data has it, in words.
function words(name) {
  return String(name).replaceAll("_", " ");
}

// The value below which the part of the sorted values lies.
function quantile(sorted, part) {
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] : undefined;
}
