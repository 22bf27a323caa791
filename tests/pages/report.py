"""The page of a report."""

import transcripts
from session import quiet, same, text

PERIOD = [transcripts.long(spans, seed, project) for spans, seed, project in (
    (260, 1, "bookshop"), (120, 2, "bookshop"), (90, 9, "catalogue"), (400, 3, "bookshop"), (90, 4, "catalogue"), (200, 5, "website"), (310, 6, "bookshop"))]


def made(pages, **look):
    return pages.open(pages.make(["report"], *PERIOD, more=()), **look)


def figures(pages):
    """figures, plots and tables are there, and tables sort"""
    page = made(pages)
    assert "$" in text(page, "figures"), text(page, "figures")
    for name in ("days", "waits", "projects", "models", "tools", "errors"):
        same(page.run(f"document.getElementById('{name}').hidden"), False, f"{name} is hidden")
    assert page.run("document.querySelectorAll('#plot-tokens svg rect').length") > 4, "no bars"
    page.click("#plot-tokens .key:nth-child(3)")
    same(page.run("document.querySelector('#plot-tokens .key:nth-child(3)').getAttribute('aria-pressed')"), "false", "series")
    same(page.run("document.querySelectorAll('#plot-tokens .s-cache_read').length"), 1, "marks of the series, its key")
    names = "[...document.querySelectorAll('#tool-table tbody th')].map((cell) => cell.textContent)"
    page.click("#tool-table th:nth-child(1) button")
    same(page.run(names), sorted(page.run(names)), "tools by name")
    quiet(page)


def nothing(pages):
    """a period of nothing has a page too"""
    page = pages.open(pages.make(["report", "--since", "2001-01-01", "--until", "2001-01-02"], PERIOD[1], more=()))
    assert "Nothing" in text(page, "title"), text(page, "title")
    quiet(page)


def hostile(pages):
    """markup in names stays text"""
    page = pages.open(pages.make(["report"], transcripts.hostile(), more=()))
    same(page.run("document.querySelectorAll('script').length"), 2, "scripts")
    same(page.run("document.querySelectorAll('img, iframe, object, embed, link, base, form').length"), 0, "elements of others")
    assert "onerror" in text(page, "project-table"), text(page, "project-table")
    quiet(page)


def pictures(pages, folder):
    for dark in (False, True):
        page = made(pages, width=1280, height=860, dark=dark)
        page.picture(folder / f"report-{'dark' if dark else 'light'}.png")
        page.close()


CHECKS = [figures, nothing, hostile]
