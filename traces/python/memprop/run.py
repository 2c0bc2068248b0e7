"""A run, read from its trace."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import h5py
import xarray

from . import groups, labelled, waveforms
from .results import Events, Summary
from .storage import Storage

if TYPE_CHECKING:
    from .live import Progress

T = TypeVar("T")


class Run:
    """The trace of one run, open for reading while the run goes on, after its end or after a kill.

    Nothing is kept open: each call reads one committed state of the file. A commit that a kill
    interrupted is finished first (the file is repaired), as memprop itself does. Arrays come as
    xarray objects with coordinates; `attrs` hold units and long_name. What a run has not recorded
    is a TraceError that names the key to set.
    """

    def __init__(self, path: str | os.PathLike):
        self._storage = Storage(path)
        self._config: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"memprop.Run({self.path!r})"

    @property
    def path(self) -> str:
        return self._storage.path

    @property
    def version(self) -> int:
        """Version of the file's format."""
        return self._storage.version

    @property
    def repaired(self) -> bool:
        """Whether opening or reading the file finished a commit that a kill had interrupted."""
        return self._storage.repaired

    @property
    def being_written(self) -> bool:
        """Whether a run is writing the file now."""
        return self._storage.being_written()

    # What it is.

    @property
    def config(self) -> dict[str, Any]:
        """Every key with its value, as nested dictionaries (config/resolved)."""
        if self._config is None:
            self._config = tomllib.loads(self.resolved_text)
        return self._config

    @property
    def config_text(self) -> str:
        """The configuration as the user gave it."""
        return self._text("config/text")

    @property
    def resolved_text(self) -> str:
        """Every key with its value, as TOML that gives the same run."""
        return self._text("config/resolved")

    @property
    def provenance(self) -> dict[str, Any]:
        """version, compiler, seed, stepper, created (UTC), wall_s [s]; writer: a dictionary of what
        the writing took (bytes, stalls)."""
        return self._read(groups.provenance, self._storage.created)

    @property
    def fidelity(self) -> str:
        """"ideal", "ode", "cycle" ..."""
        return str(self.config.get("run", {}).get("fidelity", "cycle"))

    @property
    def layers(self) -> tuple[int, ...]:
        """Widths from the inputs to the outputs."""
        return tuple(self.config.get("network", {}).get("layers", ()))

    @property
    def name(self) -> str:
        """run.name of the configuration, else the file's."""
        named = self.config.get("run", {}).get("name", "")
        return named or os.path.splitext(os.path.basename(self.path))[0]

    def summary(self) -> Summary:
        """The figures of the run."""
        figures = self._read(groups.figures)
        asked = self.config.get("data", {}).get("test_samples") or None
        figures["test_samples"] = figures["test_samples"] or asked
        return Summary(
            name=self.name,
            path=self.path,
            fidelity=self.fidelity,
            layers=self.layers,
            seed=int(self.config.get("run", {}).get("seed", 0)),
            **figures,
        )

    # What is in the file.

    def datasets(self) -> dict[str, tuple[int, ...]]:
        """Path and shape of every data set; growing ones with their committed rows."""

        def read(file: h5py.File, where: str) -> dict[str, tuple[int, ...]]:
            found = {}
            for path in labelled.dataset_paths(file):
                shape = file[path].shape
                found[path] = (labelled.committed_rows(file[path]), *shape[1:]) if shape else ()
            return found

        return self._read(read)

    def rows(self) -> dict[str, int]:
        """Committed rows of every growing data set."""

        def read(file: h5py.File, where: str) -> dict[str, int]:
            return {
                path: labelled.committed_rows(file[path])
                for path in labelled.dataset_paths(file)
                if file[path].shape and file[path].maxshape[0] is None
            }

        return self._read(read)

    def has(self, path: str) -> bool:
        """Whether there is a group or data set, and, if it grows, whether it has a row."""

        def read(file: h5py.File, where: str) -> bool:
            thing = file.get(path)
            if not isinstance(thing, h5py.Dataset):
                return thing is not None
            return not thing.shape or labelled.committed_rows(thing) > 0

        return self._read(read)

    def probes(self) -> list[str]:
        """Names of the recorded probes: "controller/phase", "layer1/neurons/v", ..."""
        return self._read(lambda file, where: waveforms.names(file))

    def probe_samples(self) -> list[int]:
        """Numbers of the training samples of which probes were recorded."""
        return self._read(lambda file, where: waveforms.samples(file))

    def probe_attributes(self) -> dict[str, float]:
        """adc_lsb_v [V], voltage_scale_v [V], clock_s [s], stride [cycles]."""
        return self._read(lambda file, where: waveforms.group_attributes(file))

    # Arrays.

    def array(self, name: str, **select: Any) -> xarray.DataArray:
        """A probe by its name or any data set by its path, read into memory.

        A probe has the dimensions (time, neuron) or (time,) with the coordinates time [s, since
        the start of training; in files of version 1 since the start of the sample], sample, cycle
        (clock edge in the sample, 0 follows the edge that entered LOAD) and time_in_sample [s].

        select: a label, a list of labels or a slice of labels (both ends included) for any
        coordinate: array("layer1/neurons/v", sample=499, neuron=[0, 5], cycle=slice(0, 100)).
        """

        def read(file: h5py.File, where: str) -> xarray.DataArray:
            path = name.strip("/")
            probe = path.removeprefix("probes/")
            if probe in waveforms.names(file):
                return waveforms.read(file, probe, where, **select)
            if isinstance(file.get(path), h5py.Dataset):
                return labelled.read(file, path, where, **select)
            if path.split("/")[0] in file and path == probe:
                raise labelled.missing(file, path, where)
            return waveforms.read(file, probe, where, **select)

        return self._read(read)

    def training(self) -> xarray.Dataset:
        """Blocks of training samples over `samples` (accuracy, cycles, pulses, energy [J], ...) and
        epochs over `epoch` (test_accuracy, training_accuracy). Counts and energies are totals since
        the start; accuracy is the share of right answers in the block, before learning."""
        return self._read(groups.group, "training", "training was recorded yet")

    def updates(self) -> xarray.Dataset:
        """One row per recorded training sample over `sample`: loss, right, set_pulses,
        reset_pulses, saturated_pulses (of this update) and cycles (of this sample)."""
        return self._read(
            groups.group, "training/update", "rows of single updates: set output.update_every"
        )

    def comparison(self) -> xarray.Dataset:
        """Weight changes against the exact gradient, over (sample, layer): cosine_wanted,
        cosine_applied, cosine_shuffled, ratio_wanted, ratio_applied, dimensionless."""
        return self._read(groups.comparison)

    def state_error(self) -> xarray.DataArray:
        """Largest deviation of the neurons of a layer from the ideal continuous-time network in
        units of the voltage scale, over (time, layer), with the coordinates sample and cycle."""
        return self._read(groups.state_error)

    def devices(self) -> dict[int, xarray.Dataset]:
        """Tile number -> snapshots over (sample, column, row): conductance_plus and
        conductance_minus [S] (the latter a constant `reference_s` in attrs where each pair shares a
        fixed reference), conductance_difference [S], at_bound (share of devices at a bound) and
        pulses_per_device over (sample,). sample counts the training samples done. Files of
        version 1 have conductance_difference only."""
        return self._read(groups.devices, self.fidelity)

    def energy(self) -> xarray.Dataset:
        """total [J] over `part` (arrays, neurons, converters, writes, digital), training only, and,
        where recorded, so_far [J] over (samples, part): totals at the end of each block."""
        return self._read(groups.energy, self.fidelity)

    def events(self) -> Events:
        """What happened that should not, or not often."""
        return self._read(groups.events)

    def ablation(self) -> xarray.Dataset:
        """What each imperfection costs, over `imperfection`, dearest first: accuracy without it,
        cost (that minus the accuracy of this run), keys (what was set), wall_s [s]."""
        return self._read(groups.ablation)

    def follow(self, poll_s: float = 0.5, timeout_s: float | None = None) -> Iterator[Progress]:
        """Yields whenever the run has committed something new, and once more at its end; see
        memprop.follow."""
        from .live import follow

        return follow(self, poll_s, timeout_s)

    # Inside.

    def _read(self, function: Callable[..., T], *arguments: Any) -> T:
        return self._storage.read(lambda file: function(file, self.path, *arguments))

    def _text(self, path: str) -> str:
        def read(file: h5py.File, where: str) -> str:
            if path not in file:
                raise labelled.missing(file, path, where)
            return file[path].asstr()[()]

        return self._read(read)
