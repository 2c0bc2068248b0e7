"""Runs of the memprop command with a controller in Verilog: the trace is that of the controller in
C++, a run that was killed goes on with the same bits, and what cannot run is refused by name.

    rtl_run_test.py MEMPROP
"""

import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "test"))

from memprop_runs import NOISELESS, NOISY, RunTest, contents, different, main  # noqa: E402

NOT_RUN = 77
SEQUENCER = os.path.join(HERE, "..", "..", "..", "examples", "cosim_sequencer", "sequencer.v")
TRACED = {
    "learning": {"epochs": 2},
    "monitor": {"gradient_every": 20, "state_every": 40},
    "chip": {"update": {"circuit": "stochastic"}},
    "output": {
        "checkpoint_every": 20,
        "devices_every": 20,
        "flush_every": "0.02 s",
        "probes": ["*"],
        "sample_every": 10,
    },
}
RTL = {"run": {"fidelity": "rtl"}, "chip": {"controller": {"monitor": True}}}
# What says which controller it was, not what it did.
ABOUT = ("config/", "provenance/")


def results(path):
    return {k: v for k, v in contents(path).items() if not k.startswith(ABOUT)}


class RtlRunTest(RunTest):
    training_samples = 60
    test_samples = 20

    def call(self, *arguments, **options):
        # The first run compiles the controller.
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=500,
            **options,
        )

    def test_trace_is_that_of_the_controller_in_cpp(self):
        self.write_config(NOISY, TRACED)
        self.run_config("run.toml", "-q", "-o", "cycle.h5")
        self.write_config(NOISY, TRACED, RTL)
        done = self.run_config("run.toml", "-q", "-o", "rtl.h5")
        self.assertNotIn("protocol: rule", done.stdout + done.stderr)
        cycle, rtl = results(self.path("cycle.h5")), results(self.path("rtl.h5"))
        self.assertGreater(len(cycle), 200)
        self.assertEqual(different(cycle, rtl), [])

    def test_killed_run_goes_on_with_the_same_bits(self):
        self.write_config(NOISY, TRACED, RTL)
        self.run_config("run.toml", "-q", "-o", "run.h5")
        wanted = contents(self.path("run.h5"))
        self.clear()
        process = subprocess.Popen(
            self.command("run", "run.toml", "-q", "-o", "run.h5"),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 500
        while not os.path.exists(self.path("run.h5.ckpt")):
            self.assertIsNone(process.poll(), "ended before its first checkpoint")
            self.assertLess(time.monotonic(), end, "no checkpoint")
            time.sleep(0.001)
        process.kill()
        process.communicate()
        self.assertEqual(process.returncode, -9, "ended before it was killed")
        # Not with another controller in its place.
        self.write_config(NOISY, TRACED, name="cycle.toml")
        other = self.call("run", "cycle.toml", "-q", "-o", "run.h5", "--resume")
        self.assertEqual(other.returncode, 2, other.stderr)
        self.run_config("run.toml", "-q", "-o", "run.h5", "--resume")
        self.assertEqual(different(wanted, contents(self.path("run.h5"))), [])

    def test_too_many_tiles_are_refused_before_anything_is_compiled(self):
        layers = {"network": {"layers": [12, 3, 3, 3, 3, 3, 3, 3, 3, 4], "feedback_gain": 0.2}}
        gentle = {"learning": {"rate": 1e-4}}
        self.write_config(NOISY, layers, gentle, RTL)
        done = self.call("run", "run.toml", "-q", "-o", "run.h5")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("expected tiles up to 8, found 9", done.stderr)
        self.assertFalse(os.path.exists(self.path("run.h5")))

    def test_own_sources_that_do_not_fit_are_refused_by_name(self):
        with open(self.path("empty 1.v"), "w") as f:
            f.write("module other (input wire clk); endmodule\n")
        own = {"chip": {"controller": {"sources": ["empty 1.v"], "top": "other"}}}
        self.write_config(NOISY, RTL, own)
        done = self.call("run", "run.toml", "-q", "-o", "run.h5")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("module 'other': port 'adc_data': expected input of 120 bits", done.stderr)
        self.assertFalse(os.path.exists(self.path("run.h5")))

    def sequencer(self, **learning):
        """The example's controller, under a name with a space, beside the configuration."""
        shutil.copy(SEQUENCER, self.path("own controller.v"))
        own = {"sources": ["own controller.v"], "top": "sequencer"}
        quiet = {"learning": {"rate": 0.02, **learning}, "monitor": {"gradient_every": 0}}
        return [NOISY, RTL, {"chip": {"controller": own}}, quiet]

    def test_own_sequencer_keeps_the_rules_with_every_nudging(self):
        for nudging in ("centred", "one-sided", "random-sign"):
            with self.subTest(nudging):
                self.write_config(*self.sequencer(nudging=nudging))
                done = self.run_config("run.toml", "-q")
                self.assertNotIn("protocol: rule", done.stdout + done.stderr)

    def test_planted_fault_is_a_warning(self):
        self.write_config(*self.sequencer(), {"chip": {"controller": {"parameters": ["FAULT=1"]}}})
        done = self.run_config("run.toml", "-q")
        self.assertIn("protocol: rule nudge-held", done.stdout + done.stderr)

    def test_controller_that_hangs_is_reported(self):
        # Its load phase of no cycles takes as many as its timer can count.
        hangs = {"chip": {"controller": {"parameters": ["T_LOAD=0"]}}}
        self.write_config(*self.sequencer(), hangs)
        done = self.call("run", "run.toml", "-q")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("the controller hangs: expected 'done' within", done.stderr)
        self.assertIn("phase 1 and busy = 1", done.stderr)

    def test_pin_trace_on_a_full_disk_is_reported(self):
        os.mkdir(self.path("pins"))
        os.symlink("/dev/full", self.path("pins/response.mem"))
        self.write_config(*self.sequencer(), {"chip": {"controller": {"pin_trace": "pins"}}})
        done = self.call("run", "run.toml", "-q", "-o", "run.h5")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("pins/response.mem: cannot write: No space left on device", done.stderr)

    def test_averages_and_shared_converters(self):
        adc = {"chip": {"adc": {"channels": 5, "average": 4}}}
        self.write_config(NOISY, TRACED, adc)
        self.run_config("run.toml", "-q", "-o", "cycle.h5")
        self.write_config(NOISY, TRACED, adc, RTL)
        done = self.run_config("run.toml", "-q", "-o", "rtl.h5")
        self.assertNotIn("protocol: rule", done.stdout + done.stderr)
        cycle, rtl = results(self.path("cycle.h5")), results(self.path("rtl.h5"))
        self.assertEqual(different(cycle, rtl), [])

    def test_own_sequencer_that_does_not_average_is_refused(self):
        done = self.refused_adc(average=4)
        self.assertIn("expected 4 conversions of a sampled state, group by group, found", done)

    def test_own_sequencer_without_multiplexers_is_refused(self):
        done = self.refused_adc(channels=5)
        self.assertIn("port 'adc_group': expected output of", done)

    def refused_adc(self, **adc):
        self.write_config(*self.sequencer(), {"chip": {"adc": adc}})
        done = self.call("run", "run.toml", "-q", "-o", "run.h5")
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr

    def test_ablation_with_the_controller_in_rtl(self):
        # Runs without an imperfection have converters of other widths: other models, several at once.
        noisy = {"chip": {"adc": {"noise": "0.2 mV", "average": 2}}}
        ranking = {}
        for fidelity in ("cycle", "rtl"):
            self.write_config(NOISELESS, noisy, {"run": {"fidelity": fidelity}})
            trace = fidelity + ".h5"
            self.run_config("run.toml", "-q", "--ablate", "--threads", "2", "-o", trace)
            ranking[fidelity] = {
                k: v
                for k, v in contents(self.path(trace)).items()
                if k.startswith("ablation/") and "wall" not in k
            }
        self.assertGreater(len(ranking["cycle"]), 3)
        self.assertEqual(different(ranking["cycle"], ranking["rtl"]), [])

    def test_two_runs_may_compile_into_one_cache_folder(self):
        cache = self.path("cache of two")
        stale = os.path.join(cache, "rtl", "building-gone")
        os.makedirs(stale)
        os.utime(stale, (0, 0))
        young = os.path.join(cache, "rtl", "building-young")
        os.mkdir(young)
        environment = {**os.environ, "MEMPROP_CACHE_DIR": cache}
        self.write_config(*self.sequencer())
        runs = [
            subprocess.Popen(
                self.command("run", "run.toml", "-q", "-o", f"{k}.h5"),
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for k in range(3)
        ]
        said = [run.communicate(timeout=500) for run in runs]
        self.assertEqual([run.returncode for run in runs], [0, 0, 0], said)
        self.assertEqual(different(results(self.path("0.h5")), results(self.path("2.h5"))), [])
        # What a killed compiler left long ago is gone, what may be at work is not.
        self.assertFalse(os.path.exists(stale))
        self.assertTrue(os.path.exists(young))
        left = [n for n in os.listdir(os.path.join(cache, "rtl")) if n.startswith("building-")]
        self.assertEqual(left, ["building-young"])

    def test_lock_step_finds_another_seed(self):
        other = {"lockstep": True, "parameters": ["RUNTIME_SEED=0", "RESET_SEED=77"]}
        self.write_config(
            NOISY, RTL, {"chip": {"controller": other, "update": {"circuit": "stochastic"}}}
        )
        done = self.call("run", "run.toml", "-q")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("lock-step: the controllers differ in cycle", done.stderr)
        self.assertRegex(done.stderr, "(row|col)_pulse|upd_")

    def clear(self):
        for name in os.listdir(self.folder):
            if name.startswith("run.h5"):
                os.remove(self.path(name))


if __name__ == "__main__":
    if shutil.which("verilator") is None:
        print("not run: needs the package verilator")
        sys.exit(NOT_RUN)
    os.environ["MEMPROP_RTL_OPTIMISE"] = "0"  # small networks: compiling takes the time
    main()
