"""Both pages: everybody can read and use them, on every screen and on paper."""

import report
import session
from session import quiet, same

# What stands in the way of a screen reader.
NAMELESS = """
[...document.querySelectorAll("button, input, select, [role=treegrid], [role=img], [role=region], [role=group], aside, section, dialog")]
  .filter((node) => !node.closest("[hidden]") && !(node.textContent.trim() && node.matches("button")))
  .filter((node) => !node.getAttribute("aria-label") && !node.getAttribute("aria-labelledby") && !node.labels?.length
    && !node.matches(".said, .details section"))
  .map((node) => node.outerHTML.slice(0, 120))
"""
DANGLING = """
[...document.querySelectorAll("[aria-labelledby], [aria-describedby], [for]")].flatMap((node) =>
  ["aria-labelledby", "aria-describedby", "for"].map((name) => node.getAttribute(name)).filter((id) => id && !document.getElementById(id)))
"""
TWICE = """
(() => { const ids = [...document.querySelectorAll("[id]")].map((node) => node.id); return ids.filter((id, at) => ids.indexOf(id) !== at); })()
"""
# The contrast of each text with what is behind it, as WCAG counts it.
PALE = """
(() => {
  const brush = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => { brush.clearRect(0, 0, 1, 1); brush.fillStyle = colour; brush.fillRect(0, 0, 1, 1); return [...brush.getImageData(0, 0, 1, 1).data]; };
  const light = (colour) => colour.slice(0, 3).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const over = (top, under) => top.map((part, place) => place === 3 ? 255 : Math.round(part * top[3] / 255 + under[place] * (1 - top[3] / 255)));
  const behind = (node) => {
    const layers = [];
    for (let up = node; up; up = up.parentElement) layers.push(rgba(getComputedStyle(up).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 255]);
  };
  const found = new Map();
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.getClientRects().length || node.closest(".unseen, .skip, :disabled, .dim, [aria-hidden=true] > .indent, script, noscript")) continue;
    const style = getComputedStyle(node);
    const ground = behind(node);
    const [a, b] = [light(over(rgba(node.closest("svg") ? style.fill : style.color), ground)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.set(`${node.tagName}.${node.getAttribute("class")}`, `${ratio.toFixed(2)} ${node.textContent.slice(0, 30)}`);
  }
  return [...found].map((one) => one.join(" "));
})()
"""
# Marks need 3 to 1 with the surface that they stand on.
MARKS = """
(() => {
  const brush = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const probe = document.getElementById("probe");
  const light = (name) => {
    probe.style.color = `var(--${name})`;
    brush.fillStyle = getComputedStyle(probe).color; brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
      .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  };
  const ground = light("surface");
  return ["turn", "llm_call", "tool", "agent", "compaction", "hook", "failed", "stopped", "input", "cache_creation", "cache_read", "output", "money", "accent"]
    .map((name) => [name, (Math.max(light(name), ground) + 0.05) / (Math.min(light(name), ground) + 0.05)])
    .filter(([, ratio]) => ratio < 3).map(([name, ratio]) => `${name} ${ratio.toFixed(2)}`);
})()
"""
OVERFLOW = """
[document.documentElement.scrollWidth, [...document.querySelectorAll("body *")].filter((node) => node.getClientRects().length
  && node.getBoundingClientRect().right > innerWidth + 1 && !node.closest(".wide, .grid, .strip, .unseen, .skip, pre")).map((node) => node.outerHTML.slice(0, 100))]
"""


def both(pages, **look):
    yield "session", session.sample(pages, **look)
    yield "report", report.made(pages, **look)


def named(pages):
    """everything that can be used has a name, ids are single, what is pointed at exists, headings come in order"""
    for name, page in both(pages):
        if name == "session":
            page.run("document.getElementById('grid').focus()")
            page.key("ArrowDown")
            page.key("Enter")
        for script, what in ((NAMELESS, "without a name"), (DANGLING, "points at nothing"), (TWICE, "twice")):
            same(page.run(script), [], f"{name}: {what}")
        levels = page.run("[...document.querySelectorAll('h1, h2, h3, h4')].filter((one) => one.getClientRects().length).map((one) => Number(one.tagName[1]))")
        assert levels[0] == 1 and all(after <= before + 1 for before, after in zip(levels, levels[1:])), f"{name}: {levels}"
        same(page.run("document.documentElement.lang"), "en", "language")
        quiet(page)


def tree(pages):
    """the waterfall is a tree grid whose rows say where they stand"""
    page = session.sample(pages)
    rows = page.run("[...document.querySelectorAll('#rows .row')].map((row) => ['role', 'aria-level', 'aria-rowindex', 'aria-label'].map((name) => row.getAttribute(name)))")
    assert all(all(row) and row[0] == "row" for row in rows), rows
    page.run("document.getElementById('grid').focus()")
    page.key("ArrowDown")
    active = page.run("document.getElementById(document.getElementById('grid').getAttribute('aria-activedescendant'))?.getAttribute('aria-selected')")
    same(active, "true", "the active row is the chosen one")
    quiet(page)


def contrast(pages):
    """texts have 4.5 to 1 and marks 3 to 1, in both themes, and the button changes the theme"""
    for dark in (False, True):
        for name, page in both(pages, dark=dark):
            if name == "session":
                page.run("document.getElementById('grid').focus()")
                page.key("e")
                page.key("Enter")
            same(page.run(PALE), [], f"{name}, {'dark' if dark else 'light'}: pale")
            same(page.run(MARKS), [], f"{name}, {'dark' if dark else 'light'}: pale marks")
            ground = "getComputedStyle(document.body).backgroundColor"
            before = page.run(ground)
            page.click("#theme")
            if not dark:
                page.click("#theme")
            assert page.run(ground) != before, f"{name}: the theme stays"
            quiet(page)


def small(pages):
    """on a screen of 400 pixels nothing sticks out"""
    for name, page in both(pages, width=400, height=800):
        width, out = page.run(OVERFLOW)
        assert width <= 400 and not out, f"{name}: {width} {out[:5]}"
        if name == "session":
            page.click("#rows .row .title")
            assert not page.run("document.getElementById('details').hidden"), "no details"
            width, out = page.run(OVERFLOW)
            assert width <= 400 and not out, f"details: {width} {out[:5]}"
        quiet(page)


def paper(pages):
    """on paper the buttons are gone and the rows are there"""
    for name, page in both(pages):
        page.call("Emulation.setEmulatedMedia", media="print")
        page.run("dispatchEvent(new Event('beforeprint'))")
        page.drawn()
        same(page.run("document.getElementById('theme').getClientRects().length"), 0, f"{name}: buttons")
        if name == "session":
            same(page.run(session.ROWS), session.SAMPLE_ITEMS, "rows")
        assert len(page.call("Page.printToPDF")["data"]) > 10_000, f"{name}: nothing is printed"
        quiet(page)


CHECKS = [named, tree, contrast, small, paper]
