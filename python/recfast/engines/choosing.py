"""Which engine of a file scores candidates."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from .engine import Engine
from .errors import EngineError
from .opening import open_engine
from .stored import StoredEngine

if TYPE_CHECKING:
    from recfast.model import Model

_log = logging.getLogger("recfast.engines")

Inputs = list[tuple[str, str, list[tuple[str, str, int]]]]
"""Name, side, and slot, part and width of each part: what the core is told of a network's inputs."""


def choose_engine(model: Model, wanted: StoredEngine | Literal["auto"]) -> tuple[StoredEngine, Engine] | None:
    """Open the engine that a Ranker scores with.

    Args:
        model: loaded with device="cuda".
        wanted: one of `model.engines` of the pair side; "auto": the first of them that can be opened here, or none.

    Returns:
        The engine and what runs it. None where "auto" finds none; why is logged by `recfast.engines`.

    Raises:
        ValueError: an engine of another model or of the dense network.
        TypeError: something else than an engine or "auto".
        ImportError: the package of the wanted engine is not installed.
        EngineError: it cannot be opened here.
    """
    if isinstance(wanted, StoredEngine):
        if not any(wanted is engine for engine in model.engines):
            raise ValueError("engine= is of another model; take it from the model's engines")
        if wanted.network != "pair":
            raise ValueError(
                f"engine= is of the {wanted.network} network, which does not score a catalogue's candidates"
            )
        return wanted, open_engine(wanted)
    if wanted != "auto":
        raise TypeError(f'engine is "auto", None or one of model.engines, got {wanted!r}')
    for engine in model.engines:
        if engine.network != "pair":
            continue
        try:
            return engine, open_engine(engine)
        except (ImportError, EngineError) as error:
            _log.warning("the engine %s is not used: %s", engine.key, error)
    return None


def described_inputs(engine: StoredEngine) -> Inputs:
    """What the engine reads, in plain values."""
    return [
        (item.name, item.side, [(part.slot, part.part, part.width) for part in item.parts]) for item in engine.inputs
    ]
