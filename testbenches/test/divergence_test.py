"""Networks that cannot work: one that diverges stops the run with sample, phase, time and neuron
named; one that never settles finishes and says how many phases did not.

    divergence_test.py MEMPROP
"""

import json
import re

from memprop_runs import NOISELESS, RunTest, main

LINEAR = {
    "network": {"activation": "linear", "init_gain": 4.0, "feedback_gain": 1.0},
    "chip": {"weight_range": 8.0},
}

# Phases of 200 time constants: what has not settled then does not settle.
LONG_PHASES = {
    "network": {"init_gain": 3.0, "feedback_gain": 4.0},
    "chip": {
        "weight_range": 8.0,
        "schedule": {"free": 2000, "nudge_positive": 2000, "nudge_negative": 2000},
    },
    "learning": {"rate": 0.0},
    "data": {"train_samples": 20, "test_samples": 4},
}
SEPARATE = {"network": {"feedback": "separate"}, "chip": {"feedback": "separate-array"}}
OSCILLATING_SEED = 8


class DivergenceTest(RunTest):
    def stopped(self, *settings):
        self.write_config(NOISELESS, LINEAR, *settings)
        done = self.call("run", "run.toml", "-q", "-o", "run.h5")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        return done.stderr

    def check_training(self, message):
        found = re.search(
            r"training sample 0 \(number \d+ of the data\): phase (\w+): "
            r"layer[12]/neurons/v\[\d+\] diverged: .* at t = ([0-9.e-]+) s",
            message,
        )
        self.assertIsNotNone(found, message)
        # Under way in the free phase: 100 cycles of 10 ns behind 8 of LOAD.
        self.assertEqual(found[1], "FREE", message)
        self.assertGreater(float(found[2]), 80e-9)
        self.assertLess(float(found[2]), 1080e-9)

    def test_linear_net_stops_and_says_where(self):
        self.check_training(self.stopped())

    def test_with_and_without_monitors(self):
        self.check_training(self.stopped({"monitor": {"gradient_every": 0}}))
        self.check_training(self.stopped({"monitor": {"gradient_every": 1, "state_every": 1}}))

    def test_while_testing(self):
        self.assertRegex(
            self.stopped({"learning": {"train": False}}),
            r"test sample 0: phase FREE: layer[12]/neurons/v\[\d+\] diverged: .* at t = [0-9.e-]+ s",
        )

    def test_a_tame_linear_net_runs(self):
        tame = {"network": {"init_gain": 0.5, "feedback_gain": 0.2}}
        self.write_config(NOISELESS, LINEAR, tame)
        self.run_config("run.toml", "-q")

    def settling(self, *settings):
        self.write_config(NOISELESS, LONG_PHASES, *settings)
        return json.loads(self.run_config("run.toml", "-q", "--json").stdout)

    def test_oscillating_net_finishes_and_is_counted(self):
        seed = {"run": {"seed": OSCILLATING_SEED}}
        result = self.settling(SEPARATE, seed)
        self.assertEqual(result["phases_free"], 20)
        self.assertGreater(result["unsettled_free"], 0)
        self.assertLess(result["unsettled_free"], 20)
        self.assertGreater(result["residual_free"], 0.1)
        table = self.run_config("run.toml", "-q").stdout
        share = 100.0 * result["unsettled_free"] / 20
        self.assertIn(
            "%d of 20 phases not settled (%.2f %%)" % (result["unsettled_free"], share), table
        )

    def test_nets_without_an_equilibrium_finish_with_the_monitor_on(self):
        for seed in (5, OSCILLATING_SEED):
            result = self.settling(
                SEPARATE, {"run": {"seed": seed}, "monitor": {"gradient_every": 1}}
            )
            self.assertGreater(
                result["unsettled_free"] + result["unsettled_negative"], 0, "seed %d" % seed
            )

    def test_tied_feedback_settles_at_any_gain(self):
        # The same forward weights and gains as the oscillating net: the energy falls (ep-circuits
        # 2.1). A negative nudge is bounded by beta < 1/gain only, so beta stays small.
        for gain in (0.1, 1.0, 4.0, 16.0):
            result = self.settling(
                {
                    "run": {"seed": OSCILLATING_SEED},
                    "network": {"feedback_gain": gain},
                    "learning": {"beta": 0.1},
                }
            )
            for phase in ("free", "positive", "negative"):
                self.assertEqual(result["phases_" + phase], 20)
                self.assertEqual(result["unsettled_" + phase], 0, "b = %g, %s" % (gain, phase))


if __name__ == "__main__":
    main()
