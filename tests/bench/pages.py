#!/usr/bin/env python3
"""Puts the figures in docs/performance/*.json into the tables of docs/performance.md, and draws its plots."""
import json
import math
import pathlib
import re

KEPT = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "performance"
PAGE = KEPT.parent / "performance.md"
COLOURS = ("#3b7dd8", "#d9822b", "#2e9e6b", "#a05fc4")
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #333; } .title { font-weight: 600; }
.grid { stroke: #8884; } .frame { stroke: #888; fill: none; }
@media (prefers-color-scheme: dark) { text { fill: #ccc; } }
</style>"""


def number(value):
    if value is None:
        return "-"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.05 else f"{value:.4f}"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def ticks(low, high, is_log):
    if is_log:
        steps = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        return [10.0 ** step for step in steps if low <= 10.0 ** step <= high]
    step = 10 ** math.floor(math.log10(high))
    step = next(step / part for part in (1, 2, 5, 10) if high / (step / part) >= 4)
    return [step * place for place in range(int(high / step) + 1)]


def short(value):
    return f"{value / 1000:g}k" if value >= 10000 else f"{value:g}"


def plot(name, title, across, up, series, log_up):
    """Lines with their points over a logarithmic scale; `series` is a list of (name, [(x, y)])."""
    wide, high, left, right, top, bottom = 680, 360, 70, 150, 40, 52
    xs = [x for _, points in series for x, _ in points]
    ys = [max(y, 1e-4) for _, points in series for _, y in points]
    x_low, x_high = min(xs) * 0.8, max(xs) * 1.25
    y_low, y_high = (min(ys) * 0.7, max(ys) * 1.5) if log_up else (0, max(ys) * 1.15)
    log_part = lambda value, low, high: (math.log10(value) - math.log10(low)) / (math.log10(high) - math.log10(low))
    at_x = lambda x: left + log_part(x, x_low, x_high) * (wide - left - right)
    part_y = lambda y: log_part(max(y, 1e-4), y_low, y_high) if log_up else y / y_high
    at_y = lambda y: high - bottom - part_y(y) * (high - top - bottom)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img">', f"<title>{title}</title>", STYLE]
    out.append(f'<text class="title" x="{left}" y="22">{title}</text>')
    out.append(f'<rect class="frame" x="{left}" y="{top}" width="{wide - left - right}" height="{high - top - bottom}"/>')
    for x in ticks(x_low, x_high, True):
        out.append(f'<line class="grid" x1="{at_x(x):.1f}" x2="{at_x(x):.1f}" y1="{top}" y2="{high - bottom}"/>')
        out.append(f'<text x="{at_x(x):.1f}" y="{high - bottom + 18}" text-anchor="middle">{short(x)}</text>')
    for y in ticks(y_low, y_high, log_up):
        out.append(f'<line class="grid" x1="{left}" x2="{wide - right}" y1="{at_y(y):.1f}" y2="{at_y(y):.1f}"/>')
        out.append(f'<text x="{left - 8}" y="{at_y(y) + 4:.1f}" text-anchor="end">{short(y)}</text>')
    out.append(f'<text x="{(left + wide - right) / 2}" y="{high - 12}" text-anchor="middle">{across}</text>')
    out.append(f'<text transform="translate(18 {(top + high - bottom) / 2}) rotate(-90)" text-anchor="middle">{up}</text>')
    for place, (label, points) in enumerate(series):
        colour = COLOURS[place]
        path = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        y = top + 14 + place * 22
        out.append(f'<rect x="{wide - right + 12}" y="{y - 9}" width="12" height="12" fill="{colour}"/>')
        out.append(f'<text x="{wide - right + 30}" y="{y + 2}">{label}</text>')
    (KEPT / name).write_text("\n".join(out + ["</svg>", ""]))


def whole(told):
    cases = told["cases"]["runs"]
    heads = ["", "CPU s", "wall s", "MB/s per core", "peak MB", "written MB", "spans per CPU s", "of reading", "of `Value`"]
    rows = []
    for case in cases:
        spans = case["spans_per_cpu_s"] if case["spans"] and case["cpu_s"] > 0 else None
        figures = [case["cpu_s"], case["wall_s"], case["megabytes_per_cpu_s"], case["peak_rss_mb"], case["written_mb"], spans]
        rows.append([case["name"], *map(number, figures), number(case["against_read"]), number(case["against_value"])])
    sent = told["cases"]["sent"]
    totals = told["cases"]["corpus"]["truth"]
    text = table(heads, rows)
    text += f"\n\nRead: {number(totals['bytes'] / 1e6)} MB in {totals['files']:,} files and {totals['lines']:,} lines, "
    text += f"{totals['sessions']:,} sessions with {totals['llm_calls']:,} calls of models and {totals['tool_calls']:,} of tools. "
    text += f"Sent (`--signals {told['signals']}`): {number(sent['bytes'] / 1e6)} MB in {sent['requests']:,} requests; "
    text += "the same bytes by every run and number of threads. " if told["cases"]["is_same"] else "**not the same bytes by all runs**. "
    return text + f"Medians of {told['runs']} runs."


def growth(told):
    points = told["growth"]
    line = lambda name: [(point["megabytes"], point[name]) for point in points]
    plot("size.svg", "Cost against size", "MB of transcripts", "CPU seconds, 1 thread",
         [("end to end", line("sent_cpu_s")), ("dry run", line("dry_cpu_s")), ("only reading", line("read_cpu_s"))], True)
    plot("memory.svg", "Memory against size", "MB of transcripts", "peak resident memory, MB",
         [("end to end", line("peak_rss_mb")), ("dry run", line("dry_peak_rss_mb"))], False)
    names = ["megabytes", "read_cpu_s", "dry_cpu_s", "sent_cpu_s", "peak_rss_mb", "state_mb"]
    heads = ["MB", "reading, CPU s", "dry run, CPU s", "end to end, CPU s", "peak MB", "state MB"]
    return table(heads, [[number(point[name]) for name in names] for point in points])


def known(told):
    at = told["known"]
    rows = [["files known", f"{at['files']:,}"], ["from start to following, s", number(at["start_s"])],
            ["processor time of the start, s", number(at["start_cpu_s"])], ["peak memory, MB", number(at["peak_mb"])],
            [f"idle, % of one core (over {at['idle_s']:.0f} s, sweeps included)", number(at["idle_percent"])],
            ["wakeups per second, all threads", number(at["wakeups_per_s"])],
            ["pages touched for the first time, per second", number(at["new_pages_per_s"])]]
    queued = told["queued"]
    for part in queued.get("parts", []):
        rows.append([f"appended -> queued, ms, p50 / p99, {part['name']}", f"{number(part['p50_ms'])} / {number(part['p99_ms'])}"])
    return table(["", ""], rows)


def growing(told):
    points = told["growing"]
    line = lambda name: [(point["sessions"], point[name]) for point in points]
    plot("sessions.svg", "Cost of a line against open sessions", "sessions growing at once", "CPU ms for each line",
         [("CPU ms a line", line("cpu_ms_per_line"))], False)
    plot("sessions-memory.svg", "Memory against open sessions", "sessions growing at once", "peak resident memory, MB",
         [("peak", line("peak_mb"))], False)
    names = ["lines_per_s", "cpu_ms_per_line", "percent", "peak_mb", "p50_ms", "p99_ms", "missing"]
    heads = ["sessions", "lines/s", "CPU ms per line", "% of a core", "peak MB", "received after, p50 ms", "p99 ms", "missing"]
    return table(heads, [[f"{point['sessions']:,}", *(number(point[name]) for name in names)] for point in points])


def stages(told):
    base, value = told["newlines"]["nanoseconds"], told["value"]["nanoseconds"]
    row = lambda stage, at: [f"`{stage}`", number(at["bytes"] / at["nanoseconds"] * 1000), number(at["nanoseconds"] / base), number(at["nanoseconds"] / value)]
    return table(["stage", "MB/s of transcript", "of `newlines`", "of `value`"], [row(stage, at) for stage, at in told.items()])


def main():
    page = PAGE.read_text()
    for source, parts in (("whole", (whole,)), ("growth", (growth,)), ("watch", (known, growing)), ("stages", (stages,))):
        kept = KEPT / f"{source}.json"
        if not kept.exists():
            continue
        told = json.loads(kept.read_text())
        for part in parts:
            name, text = part.__name__, part(told)
            marks = rf"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->)"
            page = re.sub(marks, lambda found: found[1] + text + "\n" + found[2], page, flags=re.S)
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
