"""docs/results.md from the tables of the results book."""

import math

from book import GRADES

HEAD = """# Results

What published systems reach in memprop, beside what is known of them. This page is written by
`testbenches/results/results_book.py --write` from the manifests in
[testbenches/results](../testbenches/results) and what was measured of them; rows that have not been
run say so. Accuracies in percent on the test set: mean over the seeds, with the sample standard
deviation where there are several; *best* is the best epoch of each run (what many papers report),
*last* the one after the last epoch, or the mean *of* the last *three*. A figure outside its band stays here as MISS.

Grades of the figures compared with: {grades}.
"""


def number(value, places=2):
    return "" if value is None or math.isnan(value) else f"{value:.{places}f}"


def spread(row, figure):
    mean, deviation = row.mean(figure), row.deviation(figure)
    if math.isnan(mean):
        return ""
    return number(mean) + ("" if math.isnan(deviation) else f" ± {number(deviation)}")


def published(row):
    if row.published is None:
        return ""
    text = number(row.published)
    return text + ("" if row.spread is None else f" ± {number(row.spread)}") + f" ({row.grade})"


def band(row):
    parts = []
    if row.tolerance is not None:
        parts.append(f"± {row.tolerance:g}")
    if row.at_least is not None:
        parts.append(f"≥ {row.at_least:g}")
    if row.at_most is not None:
        parts.append(f"≤ {row.at_most:g}")
    return ", ".join(parts)


def run_time(row):
    times = [m["cpu_s"] for m in row.all_measured() if m.get("cpu_s")]
    if not times:
        return ""
    mean = sum(times) / len(times)
    return f"{mean:.0f} s" if mean < 120 else f"{mean / 60:.0f} min"


def rows_of(table):
    lines = ["| run | seeds | best | last | compared with | band | verdict | CPU time a run | commit |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in table.rows:
        found = row.all_measured()
        seeds = ", ".join(str(m["seed"]) for m in found)
        commits = ", ".join(sorted({m["commit"] for m in found}))
        last = spread(row, row.figure) if row.figure == "late" else spread(row, "last")
        last += " (of three)" if last and row.figure == "late" else ""
        lines.append(f"| {row.about} | {seeds} | {spread(row, 'best')} | {last} | "
                     f"{published(row)} | {band(row)} | {row.verdict()} | {run_time(row)} | {commits} |")
    return lines


def write(tables):
    everything = {r.name: r for t in tables for r in t.rows}
    grades = "; ".join(f"*{k}*: {v}" for k, v in GRADES.items())
    out = [HEAD.format(grades=grades)]
    for table in tables:
        out += [f"## {table.title}", ""]
        if table.about:
            out += [table.about.strip(), ""]
        if table.text:
            out += [table.text.strip(), ""]
        if table.rows:
            out += (chip_rows_of if table.columns == "chip" else rows_of)(table) + [""]
            configs = sorted({r.config for r in table.rows})
            links = ", ".join(f"[{c}](../testbenches/results/{c})" for c in configs)
            out += [f"Configuration: {links} with the settings of each row in the manifest.", ""]
        if table.claims:
            out += ["| claim | value | band | verdict |", "| --- | --- | --- | --- |"]
            for claim in table.claims:
                value, verdict = claim.verdict(everything)
                out.append(f"| {claim.about} | {number(value)} | {band_of_claim(claim)} | {verdict} |")
            out.append("")
        notes = [(r.about, r.note) for r in table.rows if r.note]
        notes += [(c.about, c.note) for c in table.claims if c.note]
        out += [f"- {about}: {note}" for about, note in notes]
        if notes:
            out.append("")
    return "\n".join(out).rstrip() + "\n"


def per_layer(row, figure):
    """Means over the seeds of a list per layer: 0.59 / 0.98 / 0.99."""
    lists = [v for v in row.values(figure) if v]
    if not lists:
        return ""
    columns = [[x for x in column if x is not None] for column in zip(*lists)]
    return " / ".join(number(sum(c) / len(c)) if c else "-" for c in columns)


def chip_rows_of(table):
    lines = ["| run | accuracy | reference | cosine wanted, by layer | applied | not settled, % "
             "| cycles a sample | energy a sample, nJ | CPU time a run | commit |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in table.rows:
        accuracy = spread(row, "last") or "not run"
        if row.verdict() in ("MISS", "in band"):
            accuracy += f" ({band(row)}: {row.verdict()})"
        commits = ", ".join(sorted({m["commit"] for m in row.all_measured()}))
        lines.append(f"| {row.about} | {accuracy} | {spread(row, 'ideal')} | "
                     f"{per_layer(row, 'cosine_wanted')} | {per_layer(row, 'cosine_applied')} | "
                     f"{number(row.mean('unsettled'), 1)} | {number(row.mean('cycles'), 0)} | "
                     f"{number(row.mean('energy_nj'))} | {run_time(row)} | {commits} |")
    return lines


def band_of_claim(claim):
    parts = []
    if claim.at_least is not None:
        parts.append(f"≥ {claim.at_least:g}")
    if claim.at_most is not None:
        parts.append(f"≤ {claim.at_most:g}")
    return ", ".join(parts)
