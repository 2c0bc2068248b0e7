"""Traces in the layout of docs/trace-format.md, version 2, made with h5py alone: every group, in
any shape, without a run. Numbers are invented but of the right kind and size.

    write(path, layers=(12, 8, 4), samples=200, ...)
"""

import h5py
import numpy as np

PHASES = (("LOAD", 1, 8), ("FREE", 2, 40), ("SAMPLE0", 3, 8), ("NUDGE+", 4, 25), ("SAMPLEP", 5, 8),
          ("NUDGE-", 6, 25), ("SAMPLEN", 7, 8), ("UPDATE", 8, 30))
CLOCK_S = 10e-9
EVENT_KINDS = ["unsettled_free", "saturated_pulses", "clipped_conversions"]


class Writer:
    """Arrays and series with dimension scales, as memprop writes them."""

    def __init__(self, path):
        self.file = h5py.File(path, "w", libver=("earliest", "v110"))
        self.file.attrs["format"] = np.bytes_("memprop-trace")
        self.file.attrs["format_version"] = 2
        self.file.attrs["created"] = np.bytes_("2026-01-02T03:04:05Z")

    def text(self, path, value):
        self.file[path] = np.bytes_(value.encode())

    def texts(self, path, values):
        self.file[path] = np.array([v.encode() for v in values], dtype="S")

    def _describe(self, data, units, long_name):
        data.attrs["units"] = np.bytes_(units)
        data.attrs["long_name"] = np.bytes_(long_name)

    def scale(self, path, values, units="1", grows=False):
        values = np.asarray(values)
        if grows:
            data = self.file.create_dataset(path, data=values, maxshape=(None,), chunks=(256,))
        else:
            data = self.file.create_dataset(path, data=values)
        data.make_scale(path.rsplit("/", 1)[-1])
        self._describe(data, units, path.rsplit("/", 1)[-1])
        return data

    def put(self, path, values, axes=(), units="1", long_name="", grows=False):
        """axes: paths of scales; those that do not exist are made beside the data set."""
        values = np.asarray(values)
        options = {}
        if grows:
            options = dict(maxshape=(None, *values.shape[1:]), compression=1, shuffle=True,
                           chunks=(min(max(len(values), 1), 256), *values.shape[1:]))
        data = self.file.create_dataset(path, data=values, **options)
        self._describe(data, units, long_name or path.rsplit("/", 1)[-1])
        folder = path.rsplit("/", 1)[0]
        for axis, name in enumerate(axes):
            full = name if "/" in name else f"{folder}/{name}"
            if full not in self.file:
                self.scale(full, np.arange(values.shape[axis]))
            data.dims[axis].attach_scale(self.file[full])
        return data


def config_text(layers, epochs, fidelity, samples, name):
    listed = ", ".join(map(str, layers))
    return f"""[run]
name = "{name}"
fidelity = "{fidelity}"
seed = 5

[data]
train_samples = {samples}
test_samples = 400

[network]
layers = [{listed}]
feedback_gain = [0.2]

[learning]
nudging = "centred"
epochs = {epochs}

[chip]
clock = "10 ns"
settle_tolerance = 0.01

[chip.schedule]
load = 8
free = 40
sample = 4
convert = 4
nudge_positive = 25
nudge_negative = 25

[output]
path = "run.h5"
probes = ["*"]
"""


def write(path, layers=(12, 8, 4), samples=200, epochs=2, recorded=(0, 120), fidelity="cycle",
          references=True, nan=False, ablation=False, reference_pair=False, finished=True,
          name="synthetic", block=1000, seed=1, warnings=()):
    rng = np.random.default_rng(seed)
    out = Writer(path)
    total = samples * epochs
    resolved = config_text(layers, epochs, fidelity, samples, name)
    out.text("config/text", resolved)
    out.text("config/resolved", resolved)
    out.text("provenance/version", "0.1.0")
    out.text("provenance/compiler", "none")
    out.file["provenance/seed"] = 5
    out.file["provenance"].attrs["wall_s"] = 12.5
    depth = len(layers) - 1
    for l in range(1, depth + 1):
        group = f"network/layer{l}"
        out.text(f"{group}/activation", "tanh")
        out.put(f"{group}/time_constant", rng.lognormal(-16.1, 0.2, layers[l]), ["neuron"], "s")
        for when in ("initial", "final"):
            out.put(f"{group}/weight_{when}", rng.normal(0, 0.3, (layers[l], layers[l - 1])),
                    ["neuron", "input"])
    _training(out, rng, layers, total, epochs, fidelity, nan, block)
    cycle = fidelity == "cycle"
    if cycle:
        _comparison(out, rng, depth, total, nan)
        _probes(out, rng, layers, [s for s in recorded if s < total])
        _devices(out, rng, layers, total, reference_pair)
    if finished:
        _finish(out, rng, epochs, cycle, references, nan, warnings, total, depth, block)
    if ablation:
        names = ["device spread", "read noise", "converter width", "time constants"]
        cost = np.array([0.012, 0.004, -0.001, 0.0005])
        out.texts("ablation/imperfection", names)
        out.texts("ablation/keys", ["chip.device.step_spread=0", "chip.noise.read=0",
                                    "chip.adc.bits=16", "network.time_constant.cv=0"])
        out.put("ablation/accuracy", 0.8 + cost, ["imperfection_index"])
        out.put("ablation/cost", cost, ["imperfection_index"])
        out.put("ablation/wall_s", [1.0, 1.1, 0.9, 1.2], ["imperfection_index"], "s")
    out.file.close()


def _training(out, rng, layers, total, epochs, fidelity, nan, block):
    cycle = fidelity == "cycle"
    ends = np.unique(np.r_[np.arange(block, total, block), total]).astype(np.int64)
    if not cycle:
        ends = ends[:0]
    rise = 0.9 - 0.7 * np.exp(-3 * ends / max(total, 1))
    accuracy = np.clip(rise + rng.normal(0, 0.01, len(ends)), 0, 1)
    if nan and len(accuracy) > 1:
        accuracy[1::3] = np.nan
    out.scale("training/samples", ends, grows=True)
    out.put("training/accuracy", accuracy, ["samples"], grows=True)
    if cycle:
        out.put("training/cycles", ends * 152, ["samples"], grows=True)
        out.put("training/pulses", ends * 3000, ["samples"], grows=True)
        out.put("training/energy", ends * 4e-9, ["samples"], "J", grows=True)
        for k, part in enumerate(("arrays", "neurons", "converters", "writes", "digital")):
            out.put(f"training/energy_{part}", ends * 1e-9 / (k + 1), ["samples"], "J", grows=True)
        numbers = np.arange(total, dtype=np.int64)
        out.scale("training/update/sample", numbers, grows=True)
        loss = 0.8 * np.exp(-3 * numbers / total) + rng.exponential(0.1, total)
        if nan:
            loss[::7] = np.nan
        out.put("training/update/loss", loss, ["sample"], grows=True)
        out.put("training/update/right", (rng.random(total) < 0.7).astype("u1"), ["sample"],
                grows=True)
        for what, mean in (("set_pulses", 1500), ("reset_pulses", 1400), ("saturated_pulses", 3)):
            out.put(f"training/update/{what}",
                    rng.poisson(mean * np.exp(-numbers / total)).astype(np.int64), ["sample"],
                    grows=True)
        out.put("training/update/cycles", np.full(total, 152, np.int64), ["sample"], grows=True)
    out.scale("training/epoch", np.arange(1, epochs + 1), grows=True)
    test = 0.9 - 0.5 * np.exp(-np.arange(1, epochs + 1) / 5)
    out.put("training/test_accuracy", test, ["epoch"], grows=True)
    out.put("training/training_accuracy", test - 0.02 if cycle else np.full(epochs, np.nan),
            ["epoch"], grows=True)


def _comparison(out, rng, depth, total, nan):
    sample = np.arange(0, total, max(1, total // 60), dtype=np.int64)
    out.scale("compare/sample", sample, grows=True)
    for l in range(1, depth + 1):
        for what, mean in (("cosine_wanted", 0.95), ("cosine_applied", 0.5),
                           ("cosine_shuffled", 0.2), ("ratio_wanted", 1.0), ("ratio_applied", 1.5)):
            values = mean - 0.05 * (depth - l) + rng.normal(0, 0.05, len(sample))
            if what.startswith("cosine"):
                values = np.clip(values, -1, 1)
            if nan:
                values[: len(values) // 2 if l == 1 else len(values)] = np.nan
            out.put(f"compare/layer{l}/{what}", values, ["compare/sample"], grows=True)
    cycles = sum(p[2] for p in PHASES)
    time = np.arange(2 * cycles) * CLOCK_S
    out.scale("compare/cycle/time", time, "s", grows=True)
    out.put("compare/cycle/sample", np.repeat([0, 50], cycles).astype(np.int64), ["time"],
            grows=True)
    out.put("compare/cycle/cycle", np.tile(np.arange(cycles), 2).astype(np.int64), ["time"],
            grows=True)
    out.scale("compare/cycle/layer", np.arange(1, depth + 1))
    out.put("compare/cycle/state_error", rng.exponential(0.01, (2 * cycles, depth)),
            ["time", "layer"], grows=True)


def _probes(out, rng, layers, recorded):
    phase = np.concatenate([np.full(n, code, np.uint8) for _, code, n in PHASES])
    cycles, count = len(phase), len(recorded)
    own = np.arange(cycles)
    time = np.concatenate([(s * 152 + own) * CLOCK_S for s in recorded]) if count else np.empty(0)
    out.scale("probes/time", time, "s", grows=True)
    axis = "probes/time"
    out.put("probes/sample", np.repeat(recorded, cycles).astype(np.int64), [axis], grows=True)
    out.put("probes/cycle", np.tile(own, count).astype(np.int64), [axis], grows=True)
    out.put("probes/controller/phase", np.tile(phase, count), [axis], grows=True)
    for pin in ("row_en", "nudge_en"):
        out.put(f"probes/controller/pins/{pin}", np.tile((phase > 1).astype("u1"), count), [axis],
                grows=True)
    for l, width in enumerate(layers[1:], 1):
        target = rng.normal(0, 0.06, (count, width))
        nudge = rng.normal(0, 0.004, (count, width))
        rows, ideal = [], []
        for k in range(count):
            v, r, state = [], [], np.zeros(width)
            for code in phase:
                goal = {1: 0 * state, 2: target[k], 4: target[k] + nudge[k],
                        6: target[k] - nudge[k]}.get(int(code), state)
                state = state + (goal - state) * 0.15
                v.append(state)
                r.append(state + 0.0005)
            rows.append(v)
            ideal.append(r)
        v = np.array(rows).reshape(-1, width)
        out.put(f"probes/layer{l}/neurons/v", v, [axis, "neuron"], "V", "membrane voltage", True)
        out.put(f"probes/layer{l}/neurons/r", 0.1 * np.tanh(v / 0.1), [axis, "neuron"], "V",
                "activity line", True)
        out.put(f"probes/layer{l}/neurons/v_reference", np.array(ideal).reshape(-1, width),
                [axis, "neuron"], "V", "membrane of the ideal network", True)
    lines = sum(layers[1:])
    out.scale("probes/samples/sample", np.array(recorded, np.int64), grows=True)
    out.put("probes/samples/first_row", np.arange(count, dtype=np.int64) * cycles, ["sample"],
            grows=True)
    out.put("probes/samples/rows", np.full(count, cycles, np.int64), ["sample"], grows=True)
    out.put("probes/samples/target", np.zeros((count, layers[-1])), ["sample", "output"],
            grows=True)
    for bank in ("free", "positive", "negative"):
        out.put(f"probes/samples/codes/{bank}",
                rng.integers(-512, 512, (count, lines)).astype(np.int32),
                ["probes/samples/sample", "line"], grows=True)
        out.put(f"probes/samples/held/{bank}", rng.normal(0, 0.05, (count, lines)),
                ["probes/samples/sample", "line"], "V", grows=True)
    out.file["probes"].attrs.update(adc_lsb_v=0.1 / 512, voltage_scale_v=0.1, clock_s=CLOCK_S,
                                    stride=1)


def _devices(out, rng, layers, total, reference_pair):
    snapshots = np.array([0, total // 2, total], np.int64)
    out.scale("devices/sample", snapshots, grows=True)
    for l in range(1, len(layers)):
        group, shape = f"devices/tile{l}", (3, layers[l], layers[l - 1])
        drift = np.array([0, 1, 2]).reshape(3, 1, 1) * rng.normal(0, 2e-7, shape[1:])
        plus = np.clip(2.5e-6 + rng.normal(0, 3e-7, shape[1:]) + drift, 1e-7, 5e-6)
        axes = ["devices/sample", f"{group}/column", f"{group}/row"]
        out.put(f"{group}/conductance_plus", plus, axes, "S", grows=True)
        if reference_pair:
            out.file[group].attrs["reference_s"] = 2.5e-6
        else:
            minus = np.clip(2.5e-6 - drift, 1e-7, 5e-6)
            out.put(f"{group}/conductance_minus", minus, axes, "S", grows=True)
        out.put(f"{group}/at_bound", [0.0, 0.01 * l, 0.02 * l], axes[:1], grows=True)
        out.put(f"{group}/pulses_per_device", [0.0, 60.0 * l, 110.0 * l], axes[:1], grows=True)


def _finish(out, rng, epochs, cycle, references, nan, warnings, total, depth, block):
    out.file["compare/accuracy"] = np.nan if nan else 0.8
    out.file["compare/loss"] = 0.3
    out.file["compare/accuracy_ideal"] = 0.82 if references else np.nan
    out.file["compare/accuracy_backprop"] = 0.815 if references else np.nan
    if references:
        for what in ("ideal", "backprop"):
            out.put(f"compare/accuracy_{what}_per_epoch",
                    0.82 - 0.4 * np.exp(-np.arange(1, epochs + 1) / 5), ["epoch"])
    if not cycle:
        return
    for k, part in enumerate(("arrays", "neurons", "converters", "writes", "digital")):
        out.put(f"energy/{part}", total * 1e-9 / (k + 1), units="J")
    counts = dict(cycles=total * 152, set_pulses=total * 1500, reset_pulses=total * 1400,
                  saturated_pulses=total * 3, clipped_counts=0, clipped_conversions=1234,
                  clipped_inputs=0, clipped_targets=0, clipped_weights=17, stuck_cells=2)
    for phase in ("free", "positive", "negative"):
        counts[f"phases_{phase}"] = total
        counts[f"unsettled_{phase}"] = total // 20
        out.file[f"compare/settling_residual_{phase}"] = 0.004
    for name, count in counts.items():
        out.file[f"events/{name}"] = np.int64(count)
    rows = 12
    out.scale("events/log/sample", np.arange(rows, dtype=np.int64) * block, grows=True)
    kind = out.put("events/log/kind", rng.integers(0, 3, rows).astype("u1"), ["sample"],
                   grows=True)
    kind.attrs["kinds"] = np.array([k.encode() for k in EVENT_KINDS], dtype="S")
    out.put("events/log/layer", rng.integers(1, depth + 1, rows).astype(np.int64), ["sample"],
            grows=True)
    out.put("events/log/count", rng.integers(1, 99, rows).astype(np.int64), ["sample"], grows=True)
    out.texts("events/warnings", list(warnings) or [""])
