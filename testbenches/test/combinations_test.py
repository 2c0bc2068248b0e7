"""Parts of a chip together: cell effects, wires, twins, write schemes, shared converters. Each part
still does something beside the others, and the whole resumes bit by bit.

    combinations_test.py MEMPROP
"""

import os
import signal
import subprocess
import time

import h5py

from memprop_runs import NOISELESS, RunTest, contents, different, main, merged, wait_until_it_listens

BASE = merged(NOISELESS, {
    "learning": {"beta": 0.5},
    "monitor": {"gradient_every": 0},
    "output": {"checkpoint_every": 10},
    # Wide enough a band and fine enough codes that thermal and shot noise are more than one.
    "chip": {"noise": {"correlation_time": "1 ns", "grid": "5 ns"}, "adc": {"bits": 14}},
})
ONE_SIDED = {"learning": {"nudging": "one-sided"}}
PAIRS = {"chip": {"pair": "differential"}}

# What can be switched on, each with what it needs.
PARTS = {
    "noise": {"chip": {"noise": {"telegraph": 0.05, "capture_time": "10 us",
                                 "emission_time": "10 us", "flicker": 1e-4, "read": 0.02}}},
    "shot": {"chip": {"noise": {"thermal": True, "shot": True}}},
    # Little: the fixed reference of a pair does not drift along, and activities would saturate.
    "retention": {"chip": {"retention": {"law": "power-law", "exponent": 0.005, "spread": 0.001,
                                         "start": "1 us", "pause": "1 ms"}}},
    "faults": {"chip": {"faults": {"stuck_low": 0.05, "open": 0.05}}},
    "warmth": {"chip": {"temperature": "350 K", "device": {"temperature_coefficient": 0.002}}},
    "bent": {"chip": {"device": {"nonlinear_voltage": "0.2 V"}}},
    "disturb": {"chip": {"write": {"disturb_set": 0.02, "disturb_reset": 0.02}}},
    "pulses": {"chip": {"write": {"supply_drop": 0.02, "jitter": 0.1}}},
    "wear": {"chip": {"endurance": {"closing": 0.5, "closing_pulses": 1}}},
    "wires": {"chip": {"wires": {"row": "200 ohm", "column": "200 ohm", "refresh_every": 5}}},
    "twins": merged(ONE_SIDED, {"chip": {"twin": {"mode": "free-nudged", "gain_mismatch": 0.02}}}),
    "verify": {"chip": {"update": {"circuit": "write-verify", "verify_bits": 12,
                                   "verify_noise": 0.3}}},
    "reset-only": merged(PAIRS, {"chip": {"update": {"reset_only": True}}}),
    "refresh": {"chip": {"update": {"refresh_every": 10, "refresh_level": 0.45}}},
    "shared": {"chip": {"adc": {"channels": 3, "noise": "0.2 mV", "offset": "2 mV"},
                        "schedule": {"convert": 12}}},
    "sar": {"chip": {"adc": {"cycles_per_bit": 1, "bits": 9}, "schedule": {"convert": 12}}},
}
# What a part needs of others; without it the part goes, too.
NEEDS = {"refresh": "reset-only"}

CELLS = ["noise", "shot", "retention", "faults", "warmth"]
WRITES = ["disturb", "pulses", "wear"]
TOGETHER = {
    "cell effects with twins": [*CELLS, "bent", "twins"],
    "cell effects with write-verify": [*CELLS, "verify"],
    "cell effects with reset-only": [*CELLS, "reset-only", "refresh"],
    "cell effects with shared converters": [*CELLS, "shared"],
    "successive approximation, shared": ["shared", "sar"],
    "reset-only with writes, refresh, wires": [*WRITES, "reset-only", "refresh", "wires"],
    "twins with wires": ["twins", "wires"],
    "twins with write-verify, shared": ["twins", "verify", "shared"],
    "write-verify with wires and writes": ["verify", "wires", *WRITES],
    "reset-only with wires and cell effects": ["reset-only", "wires", *CELLS],
}


def settings_of(parts):
    """The chip with these parts. Pairs and one-sided nudging stay where a part is left out, so that
    only the part itself is missing."""
    return merged(BASE, *[PARTS[p] for p in parts])


class CombinationsTest(RunTest):
    training_samples = 40
    test_samples = 4

    def weights(self, *settings):
        self.write_config(*settings)
        self.run_config("run.toml", "-q", "-o", "part.h5")
        with h5py.File(self.path("part.h5")) as trace:
            found = [trace[f"network/layer{l}/weight_final"][()].tobytes() for l in (1, 2)]
        for name in ("part.h5", "part.h5.ckpt"):
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))
        return found

    def test_every_part_does_something_beside_the_others(self):
        for name, parts in TOGETHER.items():
            context = {"twins": ONE_SIDED, "reset-only": PAIRS}
            stays = [context[p] for p in parts if p in context]
            whole = self.weights(*stays, settings_of(parts), *stays)
            for part in parts:
                rest = [p for p in parts if p != part and NEEDS.get(p) != part]
                with self.subTest(name, without=part):
                    self.assertFalse(self.weights(settings_of(rest), *stays) == whole, "no effect")

    def interrupted(self):
        """Whether the run could be stopped between two samples."""
        process = subprocess.Popen(self.command("run", "run.toml", "-q", "-o", "run.h5"),
                                   cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        wait_until_it_listens(process)
        checkpoint = self.path("run.h5.ckpt")
        while process.poll() is None and not os.path.exists(checkpoint):
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=100)
        return process.returncode == 130

    def test_all_of_it_resumes_bit_by_bit(self):
        stopped = 0
        for name, parts in TOGETHER.items():
            with self.subTest(name):
                self.write_config(settings_of(parts))
                self.run_config("run.toml", "-q", "-o", "run.h5")
                whole = contents(self.path("run.h5"))
                for file in ("run.h5", "run.h5.ckpt"):
                    os.remove(self.path(file))
                if self.interrupted():
                    stopped += 1
                    self.run_config("run.toml", "-q", "-o", "run.h5", "--resume", "--threads", "2")
                    again = contents(self.path("run.h5"))
                    self.assertEqual([k for k in different(whole, again) if "threads" not in k], [])
                for file in ("run.h5", "run.h5.ckpt"):
                    if os.path.exists(self.path(file)):
                        os.remove(self.path(file))
        self.assertGreater(stopped, len(TOGETHER) // 3, "hardly a run was stopped in its course")


if __name__ == "__main__":
    main()
