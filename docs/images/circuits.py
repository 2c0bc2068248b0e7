"""Draws the pictures of docs/circuits.md from its equations: `python3 docs/images/circuits.py`.

One picture of the neuron circuits (transfer and step response) and one of converter levels.
"""
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent
SCALE = 0.1  # V_s
LEAK = 10e-6
CAPACITANCE = 1e-12


def clamp(v, high, low, saturation, slope):
    """Current of the two diodes, out of the node."""
    exponents = np.minimum([(v - high) / slope, (low - v) / slope], 60.0)
    return saturation * (np.exp(exponents[0]) - np.exp(exponents[1]))


def leaked(v, circuit):
    """Current out of a membrane at v: leak, and diodes where there are any."""
    if circuit == "ota":
        return LEAK * SCALE * np.tanh(v / SCALE)
    if circuit.startswith("clamp"):
        slope = 0.036 if circuit == "clamp, 36 mV" else 0.004
        return LEAK * v + clamp(v, SCALE, 0.0, 1e-9, slope)
    return LEAK * v


def settled(current, circuit):
    """The voltage at which a membrane takes a current, by bisection."""
    low, high = -10.0, 10.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        if leaked(middle, circuit) < current:
            low = middle
        else:
            high = middle
    return low


def transient(current, circuit, lag=0.0, slew=0.0, end=600e-9, step=0.05e-9):
    """A membrane after a step of current, explicit Euler with a small step."""
    t = np.arange(0.0, end, step)
    v = np.zeros_like(t)
    through = 0.0
    for k in range(1, len(t)):
        through = through + step * (current - through) / lag if lag else current
        slope = (through - leaked(v[k - 1], circuit)) / CAPACITANCE
        if slew:
            slope = slew * np.tanh(slope / slew)
        v[k] = v[k - 1] + step * slope
    return t, v


def draw_neurons():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.7))
    currents = np.linspace(-0.98e-6, 2.5e-6, 400)
    for circuit, style in (
        ("virtual ground", "k"),
        ("ota", "C0"),
        ("clamp, 36 mV", "C1"),
        ("clamp, 4 mV", "C3"),
    ):
        here = currents[currents < 0.98e-6] if circuit == "ota" else currents
        left.plot(here * 1e6, [settled(i, circuit) / SCALE for i in here], style, label=circuit)
    left.plot(currents * 1e6, np.clip(currents / LEAK / SCALE, 0, 1), "k:", label="hard sigmoid")
    left.set_xlabel("current from the crossbars [uA]")
    left.set_ylabel("membrane, settled [V_s]")
    left.set_ylim(-1.6, 2.6)
    left.legend(fontsize=8)
    left.grid(alpha=0.3)
    for label, style, options in (
        ("ideal amplifier", "k", {}),
        ("lag 30 ns", "C0", {"lag": 30e-9}),
        ("slew 0.3 V/us", "C1", {"slew": 0.3e6}),
    ):
        t, v = transient(0.9e-6, "virtual ground", **options)
        right.plot(t * 1e9, v / SCALE, style, label=label)
    t, v = transient(2.0e-6, "clamp, 4 mV")
    right.plot(t * 1e9, v / SCALE, "C3", label="clamp, 2 uA")
    right.set_xlabel("time [ns]")
    right.set_ylabel("membrane [V_s]")
    right.legend(fontsize=8)
    right.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(FOLDER / "neuron-circuits.png", dpi=110)


def bow(x, angle, inl):
    """The deviation of a channel's levels, with the peak inl."""
    shape = lambda y: (np.cos(angle) + 1.5 * np.sqrt(3) * np.sin(angle) * y) * (1 - y * y)
    return inl * shape(x) / np.abs(shape(np.linspace(-1, 1, 20001))).max()


def draw_converter():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4))
    codes = np.arange(-128, 128)
    for angle in (0.3, 1.4, 2.6, 4.0):
        left.plot(codes, bow(codes / 128.0, angle, 1.5), lw=1)
    left.set_title("inl = 1.5: four channels", fontsize=9)
    left.set_xlabel("code")
    left.set_ylabel("level off the line [codes]")
    left.grid(alpha=0.3)
    random = np.random.default_rng(1)
    errors = 0.3 / np.sqrt(2) * random.standard_normal(33)
    thresholds = np.arange(-16, 17) - 0.5 + errors
    volts = np.linspace(-16, 16, 4000)
    right.plot(volts, np.searchsorted(thresholds, volts) - 17, "C0", label="dnl = 0.3")
    right.plot(volts, np.round(volts), "k", lw=0.7, label="ideal")
    right.set_xlabel("voltage [LSB]")
    right.set_ylabel("code")
    right.set_xlim(-8, 8)
    right.set_ylim(-8.5, 8.5)
    right.legend(fontsize=8)
    right.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(FOLDER / "converter-levels.png", dpi=110)


if __name__ == "__main__":
    draw_neurons()
    draw_converter()
