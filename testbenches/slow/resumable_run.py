"""Runs of memprop for slow jobs: what is finished stays, what was interrupted goes on."""

import json
import subprocess
from pathlib import Path


def run(memprop, config, name, settings=()):
    """The result of the run as a dictionary. NAME.h5, its checkpoint and NAME.json lie in the
    present folder."""
    result = Path(name + ".json")
    if not result.exists():
        command = [memprop, "run", config, "--quiet", "--json", "-o", name + ".h5"]
        for setting in settings:
            command += ["--set", setting]
        if Path(name + ".h5.ckpt").exists():
            command.append("--resume")
        print("$", *command, flush=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        part = Path(name + ".json.part")
        part.write_text(done.stdout)
        part.rename(result)
    return json.loads(result.read_text())
