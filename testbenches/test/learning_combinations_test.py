"""The learning systems together: links, spread time constants, adaptation, branches and
optimisers in one description, at every fidelity that runs them. Each part still does something
beside the others, and what can not run says so.

    learning_combinations_test.py MEMPROP
"""

import h5py
import numpy as np

from memprop_runs import NOISELESS, RunTest, main, merged

IDEAL, ODE, CYCLE = "ideal", "ode", "cycle"
EVERYWHERE = [IDEAL, ODE, CYCLE]

BASE = merged(NOISELESS, {
    "network": {"layers": [12, 8, 6, 4], "feedback_gain": 0.3,
                "time_constant": {"family": "equal", "cv": 0.0, "mean": "20 ns"}},
    # A step of the map, and phases as long in iterations as on the chip.
    "ideal": {"time_step": "4 ns", "free_steps": 100, "nudged_steps": 50},
    "chip": {"update": {"circuit": "ideal-write"}, "device": {"model": "ideal"}},
    "learning": {"beta": 0.5, "rate": 0.05},
    "monitor": {"gradient_every": 0},
})
PARTS = {
    "links": {"network": {"links": ["1-3"]}},
    "spread": {"network": {"time_constant": {"family": "lognormal", "cv": 0.4}}},
    "leak": {"network": {"time_constant": {"family": "lognormal", "cv": 0.4, "source": "leak"}}},
    "gain": {"network": {"feedback_gain": 0.6}},
    "separate": {"network": {"feedback": "separate"}, "chip": {"feedback": "separate-array"}},
    "adaptation": {"learning": {"adaptation": {"steps": 5}},
                   "chip": {"adaptation": {"circuit": "track-hold"}}},
    "hebbian": {"learning": {"rule": "contrastive-hebbian", "clamp": 1.0, "teacher_delay": 0,
                             "clamped_start": "free"}},
    "adam": {"learning": {"optimiser": "adam", "rate": 0.01}},
    "batch": {"learning": {"batch": 4}},
    "branches": {"network": {"feedback": "separate", "activation": "hard-sigmoid",
                             "dendrites": {"basal_branches": 3, "basal_tau": "10 ns",
                                           "apical_tau": "10 ns"}},
                 "chip": {"feedback": "separate-array"}},
    "learns": {"network": {"train_feedback": True}},
}
# What runs where. The first names are there in every run of the row; each of the others is also left
# out once.
TOGETHER = [
    ([], ["links", "spread", "adaptation"], EVERYWHERE),
    ([], ["links", "leak", "adam", "batch"], EVERYWHERE),
    (["hebbian"], ["links", "spread", "adaptation"], EVERYWHERE),
    ([], ["separate", "links", "gain"], EVERYWHERE),
    (["branches"], ["gain", "spread", "adaptation"], EVERYWHERE),
    (["branches"], ["learns", "adam", "batch"], EVERYWHERE),
    (["branches"], ["links", "gain"], [IDEAL, ODE]),
]


SLEEP = {
    "tasks": {"classes": 2},
    "sleep": {"threshold": [0.2, 0.2, 0.2], "steps": 200, "input_gain": 0.6, "increase": 0.01,
              "gate": "hard", "random": "shift-register", "mean_bits": 4,
              "calibration_samples": 8},
    "chip": {"pair": "differential", "sleep": {"write": "ideal-write"}},
}
# After these a network sleeps, in software and on the chip.
AWAKE = [["links", "spread", "adaptation"], ["separate", "links", "leak"], ["hebbian", "links"],
         ["branches", "gain", "spread"], ["branches", "learns", "adaptation"]]
# A weak nudge, so that centred phases of the chip, one after the other, end where those do that
# start from the free state; and phases that settle.
SETTLED = {
    "learning": {"beta": 0.02, "rate": 0.02, "scale": "nudge"},
    "ideal": {"free_steps": 400, "nudged_steps": 400, "precision": "float64"},
    "ode": {"free": "1.6 us", "nudged": "1.6 us"},
    "chip": {"dac": {"bits": "ideal"}, "nudge_dac": {"bits": "ideal"}, "adc": {"bits": "ideal"},
             "schedule": {"free": 160, "nudge_positive": 160, "nudge_negative": 160}},
}


class LearningCombinationsTest(RunTest):
    training_samples = 24
    test_samples = 8

    def weights(self, fidelity, *parts, also={}):
        self.write_config(BASE, *[PARTS[p] for p in parts], {"run": {"fidelity": fidelity}}, also)
        self.run_config("run.toml", "-q", "-o", "part.h5")
        with h5py.File(self.path("part.h5")) as trace:
            found = np.concatenate([trace[f"network/layer{l}/weight_final"][()].ravel()
                                    for l in (1, 2, 3)])
        self.assertTrue(np.isfinite(found).all())
        return found

    def test_every_part_does_something_beside_the_others(self):
        for always, parts, fidelities in TOGETHER:
            for fidelity in fidelities:
                whole = self.weights(fidelity, *always, *parts)
                for part in parts:
                    with self.subTest(fidelity, parts=always + parts, without=part):
                        rest = [p for p in parts if p != part]
                        self.assertFalse(np.array_equal(self.weights(fidelity, *always, *rest),
                                                        whole), "no effect")

    def test_the_fidelities_agree(self):
        """Ideal parts and phases that settle: the same changes, however they are computed."""
        for always, parts, fidelities in TOGETHER:
            if "adaptation" in parts:
                continue  # its phases end in their course, which the map walks in steps
            found = [self.weights(f, *always, *parts, also=SETTLED) for f in fidelities]
            with h5py.File(self.path("part.h5")) as trace:
                start = np.concatenate([trace[f"network/layer{l}/weight_initial"][()].ravel()
                                        for l in (1, 2, 3)])
            moved = np.abs(found[0] - start).max()
            for fidelity, other in zip(fidelities[1:], found[1:]):
                with self.subTest(fidelity, parts=always + parts):
                    self.assertLess(np.abs(other - found[0]).max(), 0.01 * moved)

    def test_networks_sleep_after_each(self):
        for parts in AWAKE:
            for fidelity in EVERYWHERE:
                with self.subTest(fidelity, parts=parts):
                    awake = self.weights(fidelity, *parts, also=SLEEP)
                    asleep = self.weights(fidelity, *parts,
                                          also=merged(SLEEP, {"sleep": {"enabled": True}}))
                    self.assertFalse(np.array_equal(awake, asleep), "no effect")

    def test_the_chip_sleeps_as_the_software(self):
        """From the same weights, but for what differs in training: the same thresholds and, with the
        same random bits, the same spikes. (Spread capacitors and leaks act asleep, too, which no
        software knows of.)"""
        for parts in (["links"], ["separate", "links", "gain"], ["hebbian", "links"],
                      ["branches", "gain"], ["branches", "learns"]):
            tasks = {}
            for fidelity in (IDEAL, CYCLE):
                self.weights(fidelity, *parts,
                             also=merged(SLEEP, SETTLED, {"sleep": {"enabled": True}}))
                with h5py.File(self.path("part.h5")) as trace:
                    tasks[fidelity] = {what: trace["tasks"][what][()]
                                       for what in ("thresholds", "spikes", "accuracy_slept")}
            for what, relative in (("thresholds", 1e-3), ("spikes", 0.01), ("accuracy_slept", 0)):
                with self.subTest(parts=parts, what=what):
                    np.testing.assert_allclose(tasks[CYCLE][what], tasks[IDEAL][what],
                                               rtol=relative, atol=1e-12)

    def test_what_acts_on_nothing_is_told(self):
        spread = merged(BASE, PARTS["spread"], {"run": {"fidelity": IDEAL}})
        says = "network.time_constant acts on nothing"
        self.write_config(spread)
        self.assertNotIn(says, self.run_config("run.toml").stdout)
        self.write_config(spread, {"ideal": {"time_step": "0 s"}})
        self.assertIn(says, self.run_config("run.toml").stdout)


if __name__ == "__main__":
    main()
