"""What Run.summary() and Run.events() return."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import xarray


@dataclass(frozen=True)
class Summary:
    """The figures of a run; None or NaN where it did not produce them.

    accuracy and its references: shares of right answers on the test samples at the end. energy_j:
    joules of training (the parts of Run.energy() added). counted_samples: the training samples that
    cycles, pulses and energy cover; while a run goes on these are whole blocks, and fewer than
    training_samples. finished: the run came to its end.
    """

    name: str
    path: str
    fidelity: str
    layers: tuple[int, ...]
    seed: int
    finished: bool
    accuracy: float
    accuracy_ideal: float
    accuracy_backprop: float
    loss: float
    training_samples: int
    counted_samples: int
    test_samples: int | None
    epochs: int
    cycles: int | None
    set_pulses: int | None
    reset_pulses: int | None
    energy_j: float | None
    wall_s: float | None

    def __str__(self) -> str:
        def share(value: float) -> str:
            return "none" if np.isnan(value) else f"{100 * value:.2f} %"

        lines = [
            f"{self.name}: {self.fidelity}, {'-'.join(map(str, self.layers))}, seed {self.seed}"
            + ("" if self.finished else ", not finished"),
            f"  accuracy          {share(self.accuracy)}",
            f"  ideal reference   {share(self.accuracy_ideal)}",
            f"  back-propagation  {share(self.accuracy_backprop)}",
            f"  training samples  {self.training_samples}",
        ]
        if self.cycles is not None:
            lines.append(f"  clock cycles      {self.cycles}")
        if self.energy_j is not None:
            lines.append(f"  energy            {self.energy_j:.4g} J")
        return "\n".join(lines)


@dataclass(frozen=True)
class Events:
    """counts: totals by name (the data sets of /events). log: when they happened, a Dataset over
    `row` with the variables sample (end of the block), kind (text), layer, count; None where the
    file has no log. warnings: sentences."""

    counts: dict[str, int]
    log: xarray.Dataset | None = None
    warnings: list[str] = field(default_factory=list)
