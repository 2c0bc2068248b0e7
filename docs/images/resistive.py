"""The picture of docs/resistive.md: accuracy over the range of resistances, from the table there.

    docs/images/resistive.py
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib.figure import Figure  # noqa: E402

FOLDER = Path(__file__).resolve().parent


def table(text: str, first: str) -> tuple[list[str], list[list[float]]]:
    """Heads and columns of the table whose first head is `first`; percent signs are dropped."""
    lines = text.splitlines()
    head = next(k for k, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[head + 2:]:
        if not line.startswith("|"):
            break
        rows.append([float(cell.strip(" %")) for cell in line.strip("|").split("|")])
    return [cell.strip() for cell in lines[head].strip("|").split("|")], list(zip(*rows))


def main() -> int:
    heads, (ranges, *columns) = table((FOLDER.parent / "resistive.md").read_text(), "g_max/g_min")
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.subplots()
    for name, column, line in zip(heads[1:], columns, ("o-", "s--")):
        # Standard error of a share of 1,000 test images.
        error = [100 * (p / 100 * (1 - p / 100) / 1000) ** 0.5 for p in column]
        axes.errorbar(ranges, column, yerr=error, fmt=line, capsize=3, label=name)
    axes.set_xscale("log")
    axes.set_xticks(ranges, [f"{r:g}" for r in ranges])
    axes.minorticks_off()
    axes.set_xlabel("range of conductances g_max/g_min")
    axes.set_ylabel("accuracy [%]")
    axes.set_ylim(0, 100)
    axes.axhline(10, color="gray", linewidth=0.8, linestyle=":", label="chance")
    axes.grid(True, alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(FOLDER / "resistance-range.png", dpi=140)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
