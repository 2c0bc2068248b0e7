"""Standard pictures of runs. Each function returns a matplotlib Figure (savefig, or show it in a
notebook) whose label (figure.get_label()) says in words and figures what is to be seen.

Colours are Okabe and Ito's; line styles and markers differ as well, so that pictures can be read in
print and without colour vision. Functions raise TraceError where a run has no such data.
"""

from .gradients import alignment
from .cost import ablation, cycles, energy, pulses, state_error
from .devices import conductance_histograms, conductance_maps, wear
from .curves import learning
from .panels import overview
from .neurons import relaxation

__all__ = [
    "ablation",
    "alignment",
    "conductance_histograms",
    "conductance_maps",
    "cycles",
    "energy",
    "learning",
    "overview",
    "pulses",
    "relaxation",
    "state_error",
    "wear",
]
