"""The pictures of docs/devices.md, one for every model, drawn by the program itself.

    docs/images/draw_devices.py build/cli/memprop [NAME ...]
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "devices"
# One device for each model; names as in `memprop devices`.
STATE_EQUATIONS = ["hp-2008-biolek", "team-default", "vteam-default", "yakopcic-taox",
                   "stanford-rram", "jart-vcm-v1b"]
PULSE_MODELS = ["gokmen-vlasov", "ecram-li", "reram-sb", "reram-es", "power-step-1200",
                "neurosim-ag-a-si"]


def main() -> int:
    program, *names = sys.argv[1:]
    FOLDER.mkdir(exist_ok=True)
    for name in names or STATE_EQUATIONS + PULSE_MODELS:
        subprocess.run([program, "devices", name, "--plot", FOLDER / f"{name}.png"], check=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
