// Light and dark: as the system says, until somebody chooses.

const THEMES = ["auto", "light", "dark"];
const themeChanged = [];

function setTheme(theme) {
  const root = document.documentElement;
  if (theme === "auto") root.removeAttribute("data-theme");
  else root.setAttribute("data-theme", theme);
  byId("theme").textContent = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" }[theme];
  themeChanged.forEach((tell) => tell());
}

function theme() {
  return document.documentElement.getAttribute("data-theme") ?? "auto";
}

function nextTheme() {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
  setTheme(next);
  // Some browsers keep nothing for pages from a file.
  try { localStorage.setItem("claude-otel-theme", next); } catch { /* It is as it was, the next time. */ }
}

function startTheme() {
  let kept = null;
  try { kept = localStorage.getItem("claude-otel-theme"); } catch { /* The system's, then. */ }
  setTheme(THEMES.includes(kept) ? kept : "auto");
  byId("theme").addEventListener("click", nextTheme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => themeChanged.forEach((tell) => tell()));
}

// A colour of the style sheet, as a canvas takes it.
function colour(name) {
  const probe = byId("probe");
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}
