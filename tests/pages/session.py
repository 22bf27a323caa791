"""The page of a session: it is fast, and does what keys and mouse ask for."""

import json
import pathlib

import transcripts

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
SAMPLE, SAMPLE_ITEMS = "3f6a1c52", 30
# Far more than any screen has, far less than a session.
MOST_ROWS = 150

ROWS = "document.querySelectorAll('#rows .row').length"
COUNT = "document.getElementById('grid').getAttribute('aria-rowcount') - 1"
SELECTED = "document.querySelector('#rows .row.selected')?.getAttribute('aria-label')"
FOCUSED = "document.activeElement.id"
TEXT = "document.getElementById({}).textContent"


def same(found, expected, what):
    assert found == expected, f"{what}: {found!r}, not {expected!r}"


def text(page, name):
    return page.run(TEXT.format(json.dumps(name)))


def sample(pages, **look):
    file = pages.of(["show", SAMPLE], REPOSITORY / "fixtures/sample", ("--content", "summary"))
    return pages.open(file, **look)


def quiet(page):
    assert not page.complaints(), page.complaints()
    page.close()


def long_session(pages):
    """a long session draws few rows, soon, and scrolls to its end"""
    file = pages.make(["show", "last"], transcripts.long(pages.spans))
    page = pages.open(file)
    milliseconds = page.run("Number(document.documentElement.dataset.ready)")
    items = page.run("JSON.parse(document.getElementById('data').textContent).items.length")
    assert items > pages.spans * 0.9, f"only {items} items"
    same(page.run(COUNT), items, "rows by their number")
    assert page.run(ROWS) < MOST_ROWS, f"{page.run(ROWS)} rows are drawn"
    page.run("document.getElementById('grid').focus()")
    page.key("End")
    assert page.run(ROWS) < MOST_ROWS, f"{page.run(ROWS)} rows are drawn at the end"
    same(page.run("document.querySelector('#rows .row.selected').getAttribute('aria-rowindex')"), str(items + 1), "last row")
    box = page.run("(({top, bottom}) => [top, bottom])(document.querySelector('#rows .row.selected').getBoundingClientRect())")
    grid = page.box("#grid")
    assert grid["y"] <= box[0] and box[1] <= grid["y"] + grid["height"] + 1, "the last row is out of sight"
    quiet(page)
    return f"{items} items in {file.stat().st_size / 1e6:.1f} MB, ready after {milliseconds} ms"


def keyboard(pages):
    """keys move, fold, open details, zoom and help"""
    page = sample(pages)
    same(page.run(COUNT), SAMPLE_ITEMS, "items")
    page.run("document.getElementById('grid').focus()")
    page.key("ArrowDown")
    assert page.run(SELECTED).startswith("Turn, Turn 1"), page.run(SELECTED)
    page.key("ArrowLeft")
    assert page.run(COUNT) < SAMPLE_ITEMS, "nothing is folded"
    same(page.run("document.querySelector('.row.selected').getAttribute('aria-expanded')"), "false", "folded")
    page.key("ArrowRight")
    same(page.run(COUNT), SAMPLE_ITEMS, "items once more")
    page.key("ArrowDown")
    assert page.run(SELECTED).startswith("Model call"), page.run(SELECTED)
    page.key("Enter")
    same(page.run("document.getElementById('details').hidden"), False, "details are hidden")
    for word in ("Start", "by ", "Cache read", "Cost", "request id"):
        assert word in text(page, "details-body"), f"the details have no {word}"
    page.key("Escape")
    same(page.run("document.getElementById('details').hidden"), True, "details are hidden")
    same(page.run(FOCUSED), "grid", "focus")
    width = "parseFloat(document.querySelector('#rows .row .bar').style.width)"
    whole = page.run(width)
    page.key("+")
    assert page.run(width) > whole, "nothing was zoomed"
    assert not page.run("document.getElementById('lens').hidden"), "the strip shows no part"
    page.key("0")
    same(page.run(width), whole, "width once more")
    page.key("c")
    same(page.run(COUNT), 3, "turns")
    page.key("x")
    same(page.run(COUNT), SAMPLE_ITEMS, "items unfolded")
    page.key("e")
    assert "failed" in page.run(SELECTED), page.run(SELECTED)
    page.key("?", shift=True)
    assert page.run("document.getElementById('help').open"), "there is no help"
    page.key("Escape")
    idle = "document.querySelectorAll('#back .idle').length"
    assert page.run(idle) > 0, "no idle time is squeezed"
    page.key("i")
    same(page.run(idle), 0, "idle stretches")
    quiet(page)


def search(pages):
    """search counts, marks and walks over matches, filters leave rows out"""
    page = sample(pages)
    page.run("document.body.focus()")
    page.key("/")
    same(page.run(FOCUSED), "search", "focus")
    page.type("cart.rs")
    found = text(page, "search-count")
    assert found.endswith("matches"), found
    number = int(found.split()[0])
    assert page.run("document.querySelectorAll('#rows mark').length") > 0, "nothing is marked"
    page.key("Enter")
    same(text(page, "search-count"), f"1 of {number}", "count")
    first = page.run(SELECTED)
    assert "cart.rs" in first, first
    page.run("document.getElementById('grid').focus()")
    page.key("n")
    same(text(page, "search-count"), f"2 of {number}", "count")
    assert page.run(SELECTED) != first, "the same row"
    page.key("N", shift=True)
    same(page.run(SELECTED), first, "row before")
    page.key("Escape")
    same(page.run("document.querySelectorAll('#rows mark').length"), 0, "marks")
    page.key("c")
    page.key("/")
    page.type("Grep")
    page.key("Enter")
    assert "Grep" in page.run(SELECTED), "a folded match is not unfolded"
    page.key("Escape")
    page.key("Escape")
    page.key("x")
    page.click(".filter.k-tool")
    assert page.run("document.querySelectorAll('#rows .row.k-llm_call').length") > 0
    same(page.run("[...document.querySelectorAll('#rows .row.k-tool:not(.dim)')].length"), 0, "tools")
    page.click(".filter.k-tool")
    page.click(".filter.only-bad")
    same(page.run("[...document.querySelectorAll('#rows .row:not(.dim)')].map((row) => row.className.includes('is-failed'))"), [True], "failures")
    quiet(page)


def mouse(pages):
    """clicks, drags and the wheel choose, zoom and pan; headings sort"""
    page = sample(pages)
    page.click("#rows .row:nth-of-type(4) .title")
    assert not page.run("document.getElementById('details').hidden"), "no details"
    page.click("#details-close")
    ruler = page.box("#ruler")
    across = lambda part: (ruler["x"] + ruler["width"] * part, ruler["y"] + 12)
    left = "parseFloat(document.getElementById('lens').style.left)"
    width = "parseFloat(document.getElementById('lens').style.width)"
    page.drag(across(0.2), across(0.4))
    assert 15 < page.run(width) < 25, page.run(width)
    before = page.run(left)
    lane = page.box("#rows .row .lane")
    page.drag((lane["x"] + 300, lane["y"] + 40), (lane["x"] + 200, lane["y"] + 40))
    assert page.run(left) > before, "nothing was panned"
    before = page.run(width)
    page.mouse("mouseWheel", *across(0.5), deltaX=0, deltaY=-200)
    page.drawn()
    assert page.run(width) < before, "nothing was zoomed"
    page.click("#zoom-fit")
    assert page.run("document.getElementById('lens').hidden"), "not all is seen"
    calls = "[...document.querySelectorAll('#tool-table tbody tr')].map((row) => Number(row.children[1].textContent))"
    page.click("#tool-table th:nth-child(2) button")
    same(page.run(calls), sorted(page.run(calls), reverse=True), "calls, falling")
    page.click("#tool-table th:nth-child(2) button")
    same(page.run(calls), sorted(page.run(calls)), "calls, rising")
    same(page.run("document.querySelector('#tool-table th:nth-child(2)').getAttribute('aria-sort')"), "ascending", "aria-sort")
    page.click("#tool-table tbody button.link")
    assert page.run("document.getElementById('search').value"), "a tool is not searched for"
    page.click("#plot-tokens summary")
    same(page.run("document.querySelectorAll('#plot-tokens tbody tr').length"), 3, "turns in the table")
    page.run("document.querySelector('#plot-cost .plot').focus()")
    page.key("ArrowRight")
    assert "Turn 1" in text(page, "said"), text(page, "said")
    quiet(page)


def hostile(pages):
    """markup in texts stays text"""
    file = pages.make(["show", "last"], transcripts.hostile())
    page = pages.open(file)
    page.run("document.getElementById('grid').focus()")
    for _ in range(12):
        page.key("ArrowDown")
        page.key("Enter")
        page.run("document.getElementById('grid').focus()")
    same(page.run("document.querySelectorAll('script').length"), 2, "scripts")
    same(page.run("document.querySelectorAll('style').length"), 1, "styles")
    same(page.run("document.querySelectorAll('img, iframe, object, embed, link, base, form').length"), 0, "elements of others")
    turned = page.run("/[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.getElementById('main').innerText + document.title)")
    assert not turned, "the order of writing is turned"
    assert "</script><script>alert(1)</script>" in text(page, "title"), text(page, "title")
    quiet(page)


def odd_sessions(pages):
    """sessions of one call or of nothing have a page too"""
    one, none = transcripts.Transcript(8), transcripts.Transcript(9)
    one.prompt("Only this.")
    none.line(type="system", subtype="local_command", content="<command-name>/status</command-name>")
    for made, items in ((one, 1), (none, 0)):
        page = pages.open(pages.make(["show", "last"], made))
        same(page.run("JSON.parse(document.getElementById('data').textContent).items.length"), items, "items")
        same(page.run("document.getElementById('waterfall').hidden"), items == 0, "the waterfall is hidden")
        page.run("document.getElementById('grid').focus()")
        for key in ("ArrowDown", "+", "-", "0", "ArrowRight", "ArrowLeft", "Enter", "Escape", "n", "e", "z"):
            page.key(key)
        quiet(page)


def pictures(pages, folder):
    folder.mkdir(parents=True, exist_ok=True)
    file = pages.make(["show", "last"], transcripts.long(150, 3), more=("--content", "summary"))
    for dark in (False, True):
        page = pages.open(file, width=1280, height=860, dark=dark)
        page.run("document.getElementById('grid').focus({focusVisible: false})")
        for _ in range(8):
            page.key("ArrowDown")
        page.run("document.querySelector('.row.selected .title').click(); document.activeElement.blur()")
        page.drawn()
        page.picture(folder / f"session-{'dark' if dark else 'light'}.png")
        page.close()


CHECKS = [long_session, keyboard, search, mouse, hostile, odd_sessions]
