"""Reading an artifact: everything that a damaged or hostile file could hold is checked before it is used."""

from __future__ import annotations

import mmap
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from recfast.errors import FormatError

from . import checksums, layout, strict_json
from .layout import ALIGNMENT, CHECKSUMS_NAME, DTYPES, LENGTH_BYTES, MANIFEST_KEY, METADATA_KEY, Entry

_PAD_NAME = re.compile(re.escape(layout.PAD_PREFIX) + "[0-9]{1,9}")


@dataclass(frozen=True, eq=False)
class Artifact:
    """A file as it was read: the manifest, and views of its tensors in one shared, read-only mapping."""

    path: Path
    size_bytes: int
    manifest: dict[str, Any] = field(repr=False)
    tensors: Mapping[str, npt.NDArray[Any]] = field(repr=False)

    def __repr__(self) -> str:
        """One line that a person can read."""
        return f"Artifact({str(self.path)!r}, {len(self.tensors)} tensors, {self.size_bytes} bytes)"


def read_artifact(path: str | os.PathLike[str], *, verify: bool = True) -> Artifact:
    """Map one artifact and check it.

    Args:
        path: the file.
        verify: check the checksums, which reads the whole file once; everything else is always checked.

    Returns:
        The manifest, and the tensors by name: read-only views that keep the mapping alive, in the file's order.

    Raises:
        FormatError: the file is not an artifact, is damaged, or is of a newer format.
        OSError: the file cannot be opened (`FileNotFoundError`, `IsADirectoryError`, `PermissionError`).

    Example:
        >>> import tempfile, pathlib, numpy as np
        >>> from recfast.artifact import write_artifact
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "small.recfast"
        >>> write_artifact(path, {}, {"w": np.arange(3, dtype=np.int64)})
        >>> read_artifact(path).tensors["w"].tolist()
        [0, 1, 2]
    """
    return _Reader(Path(path)).read(verify=verify)


class _Reader:
    """One read of one file; its methods stand in the order in which they run."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _fail(self, problem: str) -> NoReturn:
        raise FormatError(f"{self._path}: {problem}")

    def read(self, *, verify: bool) -> Artifact:
        data = self._map()
        header = self._header(data)
        body = data[header.size :]
        content = self._json("header", header[LENGTH_BYTES:].tobytes(), layout.MAX_HEADER_DEPTH)
        if not isinstance(content, dict):
            self._fail(f"header: expected a JSON object, got {_kind(content)}")
        manifest = self._manifest(content.pop(METADATA_KEY, None))
        entries = self._entries(content, body.size)
        sums = self._checksums_entry(entries)
        if verify:
            self._verify(header, body, entries, sums)
        tensors = {entry.name: self._tensor(entry, body) for entry in entries if not entry.reserved}
        return Artifact(self._path, data.size, manifest, tensors)

    def _map(self) -> npt.NDArray[np.uint8]:
        with open(self._path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                self._fail("expected a regular file")
            if status.st_size < LENGTH_BYTES:
                self._fail(f"too short: {status.st_size} bytes, expected at least {LENGTH_BYTES} (the header's length)")
            return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), dtype=np.uint8)

    def _header(self, data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        length = int.from_bytes(data[:LENGTH_BYTES].tobytes(), "little")
        if length > layout.MAX_HEADER_BYTES:
            self._fail(f"byte 0: header length {length}, at most {layout.MAX_HEADER_BYTES} allowed; not an artifact?")
        if length > data.size - LENGTH_BYTES:
            self._fail(f"byte 0: header length {length}, but only {data.size - LENGTH_BYTES} bytes follow; truncated?")
        if length == 0 or data[LENGTH_BYTES] != ord("{"):
            self._fail(f"byte {LENGTH_BYTES}: expected '{{', the start of the JSON header; not an artifact?")
        if (LENGTH_BYTES + length) % ALIGNMENT:
            self._fail(f"byte 0: header length {length}: tensors would not start at a multiple of {ALIGNMENT} bytes")
        return data[: LENGTH_BYTES + length]

    def _json(self, where: str, text: bytes, max_depth: int) -> Any:
        try:
            return strict_json.parse(text, max_depth=max_depth)
        except strict_json.JsonError as error:
            self._fail(f"{where}: {error}")

    def _manifest(self, metadata: Any) -> dict[str, Any]:
        if not isinstance(metadata, dict) or not isinstance(text := metadata.get(MANIFEST_KEY), str):
            self._fail(f"header: no manifest: expected a string {METADATA_KEY}.{MANIFEST_KEY}; not written by recfast?")
        if extra := sorted(metadata.keys() - {MANIFEST_KEY}):
            self._fail(f"header: {METADATA_KEY} holds {extra[0][:80]!r} besides {MANIFEST_KEY!r}")
        try:
            encoded = text.encode("utf-8")
        except UnicodeEncodeError:
            self._fail("manifest: holds an unpaired surrogate")
        manifest = self._json("manifest", encoded, layout.MAX_MANIFEST_DEPTH)
        if not isinstance(manifest, dict):
            self._fail(f"manifest: expected a JSON object, got {_kind(manifest)}")
        version = manifest.get("format_version")
        if type(version) is not int or version < 1:
            self._fail(f"manifest: format_version must be a positive integer, got {_short(version)}")
        if version > layout.FORMAT_VERSION:
            self._fail(
                f"manifest: format version {version}, but this recfast reads up to {layout.FORMAT_VERSION}; "
                "install a newer recfast"
            )
        return manifest

    def _entries(self, content: dict[str, Any], body_bytes: int) -> list[Entry]:
        entries: list[Entry] = []
        position = 0
        for name, value in content.items():
            entry = self._entry(name, value)
            if entry.begin != position:
                gap = "a hole before it" if entry.begin > position else "it overlaps what stands before it"
                self._fail(f"tensor {name!r}: starts at {entry.begin}, expected {position}: {gap}")
            if entry.end > body_bytes:
                self._fail(f"tensor {name!r}: ends at {entry.end}, but only {body_bytes} bytes follow the header")
            if entry.begin % ALIGNMENT and not name.startswith(layout.PAD_PREFIX):
                self._fail(f"tensor {name!r}: starts at {entry.begin}, not a multiple of {ALIGNMENT} bytes")
            entries.append(entry)
            position = entry.end
        if position != body_bytes:
            self._fail(f"{body_bytes - position} bytes after the last tensor, expected none")
        return entries

    def _entry(self, name: str, value: Any) -> Entry:
        if problem := layout.name_problem(name):
            self._fail(f"header: {problem[:160]}")
        where = f"tensor {name!r}"
        if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
            self._fail(f"{where}: expected an object of dtype, shape and data_offsets, got {_short(value)}")
        dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
        if not isinstance(dtype, str) or dtype not in DTYPES:
            self._fail(f"{where}: dtype {_short(dtype)}, expected one of {', '.join(DTYPES)}")
        if not _are_sizes(shape) or len(shape) > layout.MAX_RANK:
            self._fail(f"{where}: shape {_short(shape)}, expected at most {layout.MAX_RANK} integers in [0, 2^63)")
        if not _are_sizes(offsets) or len(offsets) != 2:
            self._fail(f"{where}: data_offsets {_short(offsets)}, expected two integers in [0, 2^63)")
        try:
            size = layout.size_in_bytes(dtype, tuple(shape))
        except OverflowError as error:
            self._fail(f"{where}: {error}")
        if offsets[1] - offsets[0] != size:
            self._fail(f"{where}: data_offsets {offsets}, expected {size} bytes for {dtype} {shape}")
        entry = Entry(name, dtype, tuple(shape), offsets[0], offsets[1])
        if entry.reserved and name != CHECKSUMS_NAME:
            if not _PAD_NAME.fullmatch(name):
                self._fail(f"{where}: names that start with {layout.RESERVED_PREFIX!r} are reserved")
            if dtype != "U8" or len(shape) != 1 or not 0 < shape[0] < ALIGNMENT:
                self._fail(f"{where}: {dtype} {shape}, expected U8 of 1 to {ALIGNMENT - 1} bytes")
        return entry

    def _checksums_entry(self, entries: list[Entry]) -> Entry:
        if not entries or entries[-1].name != CHECKSUMS_NAME:
            last = repr(entries[-1].name) if entries else "none"
            self._fail(f"the last tensor must be {CHECKSUMS_NAME!r}, got {last}")
        entry, count = entries[-1], checksums.count(len(entries) - 1)
        if entry.dtype != "U64" or entry.shape != (count,):
            self._fail(f"tensor {CHECKSUMS_NAME!r}: {entry.dtype} {list(entry.shape)}, expected U64 [{count}]")
        return entry

    def _verify(
        self, header: npt.NDArray[np.uint8], body: npt.NDArray[np.uint8], entries: list[Entry], sums: Entry
    ) -> None:
        stored = sums.view(body)
        computed = checksums.compute(header, (body[entry.begin : entry.end] for entry in entries[:-1]))
        if stored[-1] != checksums.checksum(body[sums.begin : sums.end - 8]):
            self._fail(f"damaged: tensor {CHECKSUMS_NAME!r} does not match its own checksum")
        for index in np.flatnonzero(stored != computed):
            where = "the header" if index == 0 else f"tensor {entries[index - 1].name!r}"
            self._fail(f"damaged: {where} does not match its checksum")

    def _tensor(self, entry: Entry, body: npt.NDArray[np.uint8]) -> npt.NDArray[np.generic]:
        if entry.dtype == "BOOL" and (body[entry.begin : entry.end] > 1).any():
            self._fail(f"tensor {entry.name!r}: BOOL bytes must be 0 or 1")
        return entry.view(body)


def _open_without_waiting(path: str, flags: int) -> int:
    """`open` that does not wait for the other end when `path` is a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _are_sizes(values: Any) -> bool:
    return isinstance(values, list) and all(type(v) is int and 0 <= v <= layout.MAX_INT64 for v in values)


def _kind(value: Any) -> str:
    return "null" if value is None else type(value).__name__


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
