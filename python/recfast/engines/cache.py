"""A folder of engines that were built on this machine, so that a network is built once per device and version."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recfast.artifact import read_artifact, write_artifact
from recfast.errors import FormatError

from .device import Device
from .stored import Bytes, StoredEngine, hash_bytes

_ENTRY, _PLAN = "engine_cache", "plan"


@dataclass(frozen=True, kw_only=True)
class CacheKey:
    """What a built engine depends on.

    Attributes:
        onnx: XXH64 of the ONNX model.
        package: "tensorrt" or "tensorrt_rtx".
        profile: batch and capabilities.
        version: of the package.
        gpu: name and compute capability.
        driver: version of the driver.
    """

    onnx: str
    package: str
    profile: str
    version: str
    gpu: str
    driver: str

    @classmethod
    def of(cls, engine: StoredEngine, version: str, device: Device) -> CacheKey:
        """The key of a stored network on a device."""
        gpu = f"{device.name}, {device.architecture}"
        options = engine.options
        return cls(
            onnx=engine.onnx_hash,
            package=options.engine,
            profile=options.profile,
            version=version,
            gpu=gpu,
            driver=device.driver,
        )

    def to_json(self) -> dict[str, str]:
        """Return it as JSON values."""
        return dict(vars(self))

    @property
    def stem(self) -> str:
        """The beginning of the names of all engines of this network."""
        return f"{self.onnx}-{_digest(self.package, self.profile)}-"

    @property
    def file_name(self) -> str:
        """Where the engine stands in the folder."""
        return f"{self.stem}{_digest(self.version, self.gpu, self.driver)}.recfast"


class EngineCache:
    """Engines in a folder, one file each, written atomically and checked by checksum.

    Args:
        folder: made when the first engine is written; None is `recfast/engines` in `$XDG_CACHE_HOME`, or in `~/.cache`.

    Example:
        >>> EngineCache("engines").folder.name
        'engines'
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Note the folder."""
        self.folder = Path(folder) if folder is not None else _default_folder()

    def find(self, key: CacheKey) -> tuple[Bytes | None, str]:
        """Look up an engine.

        Returns:
            The engine (uint8 [n], mapped) and an empty text; or None and why there is none that fits.
        """
        path = self.folder / key.file_name
        try:
            artifact = read_artifact(path)
        except FileNotFoundError:
            return None, self._why_absent(key)
        except (FormatError, OSError) as error:
            return None, f"the cached engine is damaged: {error}"
        if difference := _difference(artifact.manifest.get(_ENTRY), key):
            return None, f"the cached engine {path} is stale: {difference}"
        if (plan := artifact.tensors.get(_PLAN)) is None:
            return None, f"the cached engine is damaged: {path} holds none"
        return plan, ""

    def put(self, key: CacheKey, plan: bytes) -> Path:
        """Write an engine; whoever looks meanwhile finds the old one or the whole new one.

        Returns:
            Where it stands.

        Raises:
            OSError: the folder cannot be made or written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / key.file_name
        write_artifact(path, {_ENTRY: key.to_json()}, {_PLAN: np.frombuffer(plan, np.uint8)})
        return path

    def _why_absent(self, key: CacheKey) -> str:
        """That nothing was built, or what the engines that were are for."""
        for path in sorted(self.folder.glob(f"{key.stem}*.recfast")):
            try:
                found = read_artifact(path, verify=False).manifest.get(_ENTRY)
            except (FormatError, OSError):
                continue
            if difference := _difference(found, key):
                return f"no cached engine fits: {difference}"
        return f"no engine of this network is in {self.folder}"


def _difference(found: Any, key: CacheKey) -> str:
    """In what an entry differs from a key; empty where it does not."""
    found = found if isinstance(found, dict) else {}
    names = {"onnx": "network", "version": f"version of {key.package}", "gpu": "GPU"}
    return ", ".join(
        f"built for {names.get(name, name)} {found.get(name)!r}, this is {wanted!r}"
        for name, wanted in key.to_json().items()
        if found.get(name) != wanted
    )


def _digest(*words: str) -> str:
    return hash_bytes(np.frombuffer("\0".join(words).encode(), np.uint8))


def _default_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "recfast" / "engines"
