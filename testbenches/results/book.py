"""The manifests of the results book and what has been measured of them (README.md)."""

import hashlib
import json
import math
import re
import statistics
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

GRADES = {"paper": "published", "code": "authors' code or its recorded output",
          "figure": "read off a published figure",
          "anchor": "regression anchor: measured by an independent re-implementation"}
TABLE_KEYS = {"name", "title", "about", "config", "settings", "seeds", "grade", "needs", "rows",
              "claims", "text", "columns"}
ROW_KEYS = {"name", "about", "settings", "seeds", "published", "spread", "tolerance", "at_most",
            "at_least", "grade", "figure", "needs", "note", "config", "may_diverge", "of", "epoch"}
COLUMNS = ("accuracy", "chip")
FIGURES = ("best", "last", "late")
# Further figures of a result, which claims may name (as {row:figure}), in percent.
SHARES = ("accuracy_newest_task", "accuracy_best_earlier_task", "stuck_share", "activity_")
CLAIM_KEYS = {"about", "value", "at_least", "at_most", "note"}


class ManifestError(Exception):
    """A sentence for the user."""


class RunFailed(Exception):
    """A sentence for the user."""


@dataclass
class Row:
    name: str
    about: str
    config: str
    settings: list
    seeds: list
    folder: Path
    published: float = None
    spread: float = None
    tolerance: float = None
    at_most: float = None
    at_least: float = None
    grade: str = ""
    figure: str = "best"
    needs: list = field(default_factory=list)
    note: str = ""
    may_diverge: bool = False
    of: "Row" = None  # the row whose first epochs this one shows; it is not run itself
    epoch: int = 0

    def all_settings(self, seed, data):
        return [s.replace("{data}", data) for s in self.settings] + [f"run.seed={seed}"]

    def key(self):
        """Changes with everything that a figure depends on, but the program."""
        text = json.dumps([self.settings, (Path(__file__).parent / self.config).read_text()])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def file(self, seed):
        return self.folder / f"{self.name}-{seed}.json"

    def measured(self, seed):
        if self.of:
            return self.measured_of_another(seed)
        if not self.file(seed).exists():
            return None
        found = json.loads(self.file(seed).read_text())
        return found if found["settings"] == self.key() else None

    def measured_of_another(self, seed):
        """What the other row's run had reached after this row's epochs."""
        found = self.of.measured(seed)
        if not found:
            return None
        epochs = found["epochs"][:self.epoch]
        if len(epochs) < self.epoch:
            raise ManifestError(f"row '{self.name}': row '{self.of.name}' has run for "
                                f"{len(epochs)} epochs, not {self.epoch}")
        return {"row": self.name, "seed": seed, "epochs": epochs, "best": max(epochs),
                "last": epochs[-1], "commit": found["commit"]}

    def keep(self, found):
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.file(found["seed"]).with_suffix(".part")
        part.write_text(json.dumps(found) + "\n")
        part.rename(self.file(found["seed"]))

    def all_measured(self):
        return [m for m in (self.measured(seed) for seed in self.seeds) if m]

    def values(self, figure):
        """A figure of every measured seed: best or last epoch, the mean of the last three (late), 1 or
        0 for below twice the chance of ten classes (failed), or another that was kept."""
        def value(m):
            if figure == "late":
                return statistics.fmean(m["epochs"][-3:])
            if figure == "failed":
                return float(statistics.fmean(m["epochs"][-3:]) < 20)
            return m.get(figure, m.get("figures", {}).get(figure))
        found = (value(m) for m in self.all_measured())
        return [v for v in found if v is not None]

    def mean(self, figure):
        values = self.values(figure)
        return statistics.fmean(values) if values else math.nan

    def deviation(self, figure):
        values = self.values(figure)
        return statistics.stdev(values) if len(values) > 1 else math.nan

    def verdict(self):
        """in band, MISS, no band, or not run."""
        if not self.all_measured():
            return "not run"
        value = self.mean(self.figure)
        bands = [self.tolerance is None or abs(value - self.published) <= self.tolerance,
                 self.at_most is None or value <= self.at_most,
                 self.at_least is None or value >= self.at_least]
        if self.tolerance is None and self.at_most is None and self.at_least is None:
            return "no band"
        return "in band" if all(bands) else "MISS"


@dataclass
class Claim:
    about: str
    value: str
    at_least: float = None
    at_most: float = None
    note: str = ""

    def measure(self, rows):
        """The value of the expression: means of rows, written {row-name} or {row-name:figure}, with
        + - * / and numbers; NaN while one of them is not measured."""
        def mean(match):
            name, _, figure = match[1].partition(":")
            if name not in rows:
                raise ManifestError(f"claim '{self.about}': no row is named '{name}'")
            return repr(rows[name].mean(figure or rows[name].figure)).replace("nan", "math.nan")
        text = re.sub(r"\{([^}]*)\}", mean, self.value)
        if not re.fullmatch(r"(math\.nan|min|max|[\d.e+\-*/(), ])+", text):
            raise ManifestError(f"claim '{self.about}': expected sums and differences of "
                                f"{{row}}, got '{self.value}'")
        return eval(text, {"__builtins__": {}, "math": math, "min": min, "max": max})  # checked above

    def verdict(self, rows):
        value = self.measure(rows)
        if math.isnan(value):
            return value, "not run"
        if self.at_least is None and self.at_most is None:
            return value, "no band"
        good = ((self.at_least is None or value >= self.at_least)
                and (self.at_most is None or value <= self.at_most))
        return value, "holds" if good else "MISS"


@dataclass
class Table:
    name: str
    title: str
    about: str
    text: str
    rows: list
    claims: list
    columns: str = "accuracy"


def check_keys(entry, known, required, where):
    for key in entry:
        if key not in known:
            raise ManifestError(f"{where}: expected one of {', '.join(sorted(known))}, got '{key}'")
    for key in required:
        if key not in entry:
            raise ManifestError(f"{where}: '{key}' is missing")


def read_row(entry, table, where, folder):
    check_keys(entry, ROW_KEYS, ["name", "about"], where)
    if not re.fullmatch(r"[a-z0-9.-]+", entry["name"]):
        raise ManifestError(f"{where}: expected a name of a-z, 0-9, '.' and '-'")
    row = Row(entry["name"], entry["about"], entry.get("config", table.get("config", "")),
              table.get("settings", []) + entry.get("settings", []),
              entry.get("seeds", table.get("seeds", [1])), folder,
              grade=entry.get("grade", table.get("grade", "")),
              needs=table.get("needs", []) + entry.get("needs", []))
    if table.get("columns") == "chip":
        row.figure = "last"  # the one that the table shows
    for key in ("published", "spread", "tolerance", "at_most", "at_least", "figure", "note",
                "may_diverge"):
        if key in entry:
            setattr(row, key, entry[key])
    if ("of" in entry) != ("epoch" in entry):
        raise ManifestError(f"{where}: 'of' and 'epoch' go together")
    if "of" in entry:
        for key in ("settings", "seeds", "config"):
            if key in entry:
                raise ManifestError(f"{where}: a row of another row's epochs has no '{key}'")
        if not isinstance(entry["epoch"], int) or entry["epoch"] < 1:
            raise ManifestError(f"{where}: expected an epoch of at least 1, got '{entry['epoch']}'")
        row.of, row.epoch = entry["of"], entry["epoch"]
    if row.tolerance is not None and row.published is None:
        raise ManifestError(f"{where}: a tolerance needs a published value")
    if row.published is not None and row.grade not in GRADES:
        raise ManifestError(f"{where}: expected a grade of {', '.join(GRADES)}, got '{row.grade}'")
    if row.figure not in FIGURES:
        raise ManifestError(f"{where}: expected a figure \"best\", \"last\" or \"late\", got "
                            f"'{row.figure}'")
    return row


def find_source(row, rows):
    """The name of the row whose epochs are shown becomes that row."""
    if isinstance(row.of, str):
        source = rows.get(row.of)
        if source is None or source.of:
            raise ManifestError(f"row '{row.name}': no row with a run of its own is named '{row.of}'")
        row.of, row.seeds = source, source.seeds


def read_all(folder):
    """The tables of all manifests of the folder (*.toml), in the order of their names."""
    tables, names = [], set()
    for path in sorted(Path(folder).glob("*.toml")):
        try:
            manifest = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ManifestError(f"{path}: {error}") from error
        check_keys(manifest, {"table"}, ["table"], path)
        for entry in manifest["table"]:
            where = f"{path}: table '{entry.get('name', '?')}'"
            check_keys(entry, TABLE_KEYS, ["name", "title"], where)
            columns = entry.get("columns", COLUMNS[0])
            if columns not in COLUMNS:
                raise ManifestError(f"{where}: expected columns {', '.join(COLUMNS)}, got '{columns}'")
            rows = [read_row(r, entry, f"{where}, row '{r.get('name', '?')}'",
                             Path(folder) / "measured") for r in entry.get("rows", [])]
            for row in rows:
                if row.name in names:
                    raise ManifestError(f"{where}: row '{row.name}' stands twice")
                names.add(row.name)
                if not (Path(folder) / row.config).is_file():
                    raise ManifestError(f"{where}, row '{row.name}': no file {row.config}")
            claims = []
            for claim in entry.get("claims", []):
                check_keys(claim, CLAIM_KEYS, ["about", "value"], f"{where}, claim")
                claims.append(Claim(**claim))
            text = entry.get("text", "")
            if text and not (Path(folder) / text).is_file():
                raise ManifestError(f"{where}: no file {text}")
            tables.append(Table(entry["name"], entry["title"], entry.get("about", ""),
                                (Path(folder) / text).read_text() if text else "", rows, claims,
                                columns))
    if not tables:
        raise ManifestError(f"no manifest in {folder}")
    everything = {r.name: r for t in tables for r in t.rows}
    for row in everything.values():
        find_source(row, everything)
    for table in tables:
        for claim in table.claims:
            claim.measure(everything)
    return tables
