"""What the core hands to a network: its inputs, for rows that have every feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .stored import NetworkInput

if TYPE_CHECKING:
    from recfast.model import Model


def network_inputs(model: Model, inputs: Sequence[NetworkInput], rows: Any) -> dict[str, npt.NDArray[np.float32]]:
    """Compute the inputs of a network on this CPU, by the same steps as `Model.score`: for calibration and for checks.

    Args:
        model: the loaded file.
        inputs: of one of its networks, e.g. `model.engines[0].inputs`.
        rows: a table with every feature, N rows.

    Returns:
        float32 [N, width] by input name. Of the request side too there is a row each; a network that reads one row of
        the request takes the first, where all rows are of one request.

    Raises:
        ValueError: a part that the program does not have, or a wrong column.
        TypeError: a column has the wrong type.

    Example:
        >>> import recfast as rf
        >>> from recfast.engines import InputPart
        >>> item = NetworkInput("item", "item", (InputPart("price", "value", 1),))
        >>> rows = {"country": ["de"], "brand": ["acme"], "price": [0.0]}
        >>> network_inputs(rf.load("shop.recfast"), [item], rows)["item"].tolist()
        [[0.0]]
    """
    parts = [(part.slot, part.part, item.side, part.width) for item in inputs for part in item.parts]
    numbers = model._executor.network_inputs(rows, parts)
    ends = np.cumsum([item.width for item in inputs])[:-1]
    split = np.split(numbers, ends, axis=1)
    return {item.name: np.ascontiguousarray(array) for item, array in zip(inputs, split, strict=True)}
