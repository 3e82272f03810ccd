"""Writing an artifact: the same manifest and tensors always give the same bytes, and never half a file."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from . import checksums, layout, strict_json
from .layout import ALIGNMENT, DTYPE_NAMES, DTYPES, Entry
from .reader import read_artifact


def write_artifact(
    path: str | os.PathLike[str], manifest: Mapping[str, Any], tensors: Mapping[str, npt.NDArray[Any]]
) -> None:
    """Write one artifact, atomically: whoever opens `path` sees the old file or the whole new one.

    Args:
        path: where the file goes; its folder must exist. A file that stands there is replaced.
        manifest: what JSON can hold, keys are strings; `format_version` is filled in.
        tensors: arrays by name, F64, F32, F16, I64, I32, I8, U64, U8 or BOOL, any shape, kept in this order.

    Raises:
        ValueError: a name that is reserved (`__...`) or not allowed, a manifest that JSON cannot hold.
        TypeError: a dtype that an artifact cannot hold.
        OSError: the folder is missing or not writable, or the disk is full; `path` is then as it was.

    Example:
        >>> import tempfile, pathlib, numpy as np
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "small.recfast"
        >>> write_artifact(path, {"provenance": {"seed": 1}}, {"w": np.ones((2, 3), np.float32)})
        >>> read_artifact(path).tensors["w"].shape
        (2, 3)
    """
    arrays = {name: _little_endian(name, array) for name, array in tensors.items()}
    entries = _plan(arrays)
    header = _header(_manifest_text(manifest), entries)
    blocks = [_bytes_of(arrays[e.name]) if e.name in arrays else np.zeros(e.shape, np.uint8) for e in entries[:-1]]
    sums = checksums.compute(np.frombuffer(header, np.uint8), blocks)
    target = Path(path)
    with _replacing(target) as (file, temporary):
        file.write(header)
        for block in [*blocks, _bytes_of(sums)]:
            file.write(block.data)
        file.flush()
        read_artifact(temporary, verify=False)  # nothing is published that the reader would refuse
        os.fsync(file.fileno())


def _little_endian(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    problem = layout.name_problem(name)
    if problem is None and name.startswith(layout.RESERVED_PREFIX):
        problem = f"the name {name!r} is reserved: it starts with {layout.RESERVED_PREFIX!r}"
    if problem is not None:
        raise ValueError(f"tensors: {problem}")
    dtype = np.asarray(array).dtype
    if (little := dtype.newbyteorder("<")) not in DTYPE_NAMES:
        raise TypeError(f"tensor {name!r}: dtype {dtype} cannot be written; expected one of {', '.join(DTYPES)}")
    if array.ndim > layout.MAX_RANK:
        raise ValueError(f"tensor {name!r}: {array.ndim} dimensions, at most {layout.MAX_RANK} are allowed")
    return np.asarray(array, dtype=little, order="C")


def _bytes_of(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return array.reshape(-1).view(np.uint8)


def _plan(arrays: Mapping[str, npt.NDArray[Any]]) -> list[Entry]:
    """Where each tensor goes, pads and checksums included."""
    entries: list[Entry] = []

    def place(name: str, dtype: str, shape: tuple[int, ...]) -> None:
        begin = entries[-1].end if entries else 0
        entries.append(Entry(name, dtype, shape, begin, begin + layout.size_in_bytes(dtype, shape)))

    def align() -> None:
        if entries and (pad := -entries[-1].end % ALIGNMENT):
            place(f"{layout.PAD_PREFIX}{sum(e.reserved for e in entries)}", "U8", (pad,))

    for name, array in arrays.items():
        align()
        place(name, DTYPE_NAMES[array.dtype], array.shape)
    align()
    place(layout.CHECKSUMS_NAME, "U64", (checksums.count(len(entries)),))
    return entries


def _manifest_text(manifest: Mapping[str, Any]) -> str:
    if (version := manifest.get("format_version", layout.FORMAT_VERSION)) != layout.FORMAT_VERSION:
        raise ValueError(f"manifest: format_version must be {layout.FORMAT_VERSION}, got {version!r}")
    try:
        text = strict_json.dump({"format_version": layout.FORMAT_VERSION, **manifest})
        strict_json.parse(text, max_depth=layout.MAX_MANIFEST_DEPTH)
    except (TypeError, ValueError) as error:
        raise ValueError(f"manifest: JSON cannot hold it: {error}") from error
    return text.decode("utf-8")


def _header(manifest: str, entries: list[Entry]) -> bytes:
    """The length and the JSON header, filled up with spaces to a multiple of 64 bytes."""
    content: dict[str, Any] = {layout.METADATA_KEY: {layout.MANIFEST_KEY: manifest}}
    for entry in entries:
        content[entry.name] = {
            "dtype": entry.dtype,
            "shape": list(entry.shape),
            "data_offsets": [entry.begin, entry.end],
        }
    text = strict_json.dump(content)
    text += b" " * (-(layout.LENGTH_BYTES + len(text)) % ALIGNMENT)
    if len(text) > layout.MAX_HEADER_BYTES:
        raise ValueError(f"the header has {len(text)} bytes, at most {layout.MAX_HEADER_BYTES} are allowed")
    return len(text).to_bytes(layout.LENGTH_BYTES, "little") + text


@contextmanager
def _replacing(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file beside `target` that takes its place when the block ends well, and vanishes when it does not."""
    temporary = target.with_name(f".recfast-{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, temporary
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
