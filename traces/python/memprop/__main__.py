"""python -m memprop: what a trace holds, reports, differences."""

from __future__ import annotations

import argparse
import sys

_PACKAGES = {"h5py": "python3-h5py", "numpy": "python3-numpy", "xarray": "python3-xarray",
             "matplotlib": "python3-matplotlib", "jinja2": "python3-jinja2"}


def _missing_modules(names: list[str]) -> list[str]:
    from importlib.util import find_spec

    return [name for name in names if find_spec(name) is None]


def _needs(names: list[str]) -> None:
    missing = _missing_modules(names)
    if missing:
        packages = " ".join(_PACKAGES[name] for name in missing)
        print(f"memprop: this needs the Python modules {', '.join(missing)}, which "
              f"{sys.executable} does not have: install the Debian packages {packages}, or name "
              "another interpreter in MEMPROP_PYTHON", file=sys.stderr)
        raise SystemExit(1)


def _info(arguments: argparse.Namespace) -> int:
    import memprop

    run = memprop.open(arguments.trace)
    print(run.summary())
    if run.repaired:
        print("  repaired: a kill had interrupted a commit")
    samples = run.probe_samples()
    if samples:
        print(f"probes of {len(samples)} samples")
        for name in run.probes():
            print("  " + name)
    print("data sets")
    for path, shape in run.datasets().items():
        print(f"  {path:<46} {' x '.join(map(str, shape)) or 'scalar'}")
    return 0


def _report(arguments: argparse.Namespace) -> int:
    import memprop
    from memprop.report import write_report

    runs = [memprop.open(path) for path in _traces(arguments.traces)]
    write_report(runs, arguments.output)
    return 0


def _traces(paths: list[str]) -> list[str]:
    """The paths, in place of a folder the traces in it by name. Other HDF5 files are passed over."""
    import os

    import memprop
    from memprop.errors import TraceError

    found = []
    for path in paths:
        if not os.path.isdir(path):
            found.append(path)
            continue
        inside = []
        for name in sorted(os.listdir(path)):
            full = os.path.join(path, name)
            if not name.endswith((".h5", ".hdf5")) or not os.path.isfile(full):
                continue
            try:
                memprop.open(full)
            except TraceError as error:
                print(f"memprop: passed over: {error}", file=sys.stderr)
            else:
                inside.append(full)
        if not inside:
            raise TraceError(f"{path}: expected a folder with traces (*.h5), found none in it")
        found += inside
    return found


def _compare(arguments: argparse.Namespace) -> int:
    import memprop

    result = memprop.compare(memprop.open(arguments.a), memprop.open(arguments.b))
    print(result)
    return 0 if result.equal else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m memprop", description=__doc__.splitlines()[0],
                                     epilog="exit codes: 0 done, 1 failed (compare: different), "
                                     "2 wrong input")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    info = commands.add_parser("info", help="say what a trace holds")
    info.add_argument("trace", help="HDF5 trace of a run")
    info.set_defaults(run=_info, modules=["h5py", "numpy", "xarray"])
    report = commands.add_parser("report", help="one HTML file that shows runs")
    report.add_argument("traces", nargs="+", metavar="RUN.h5|FOLDER", help="traces, or folders of them; several are overlaid")
    report.add_argument("-o", "--output", required=True, help="HTML file to write")
    report.set_defaults(run=_report, modules=["h5py", "numpy", "xarray", "matplotlib", "jinja2"])
    compare = commands.add_parser("compare", help="what differs between two runs")
    compare.add_argument("a", help="trace")
    compare.add_argument("b", help="trace")
    compare.set_defaults(run=_compare, modules=["h5py", "numpy", "xarray"])
    return parser


def main(arguments: list[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    _needs(asked.modules)
    from memprop.errors import TraceError

    try:
        return asked.run(asked)
    except TraceError as error:
        print(f"memprop: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
