from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recfast.artifact import Artifact, read_artifact, write_artifact

DTYPES = ["<f8", "<f4", "<f2", "<i8", "<i4", "i1", "<u8", "u1", "?", ">f4", ">i8"]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(np.dtype(dtype), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20).filter(
    lambda name: not name.startswith("__")
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def same(artifact: Artifact, tensors: dict[str, np.ndarray[Any, Any]]) -> bool:
    return list(artifact.tensors) == list(tensors) and all(
        found.shape == array.shape
        and found.dtype == array.dtype.newbyteorder("<")
        and found.tobytes() == array.astype(array.dtype.newbyteorder("<")).tobytes()
        for found, array in zip(artifact.tensors.values(), tensors.values(), strict=True)
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tensors=st.dictionaries(NAMES, ARRAYS, max_size=5), provenance=JSON)
def test_what_is_written_is_read(tmp_path: Path, tensors: dict[str, Any], provenance: Any) -> None:
    path = tmp_path / "a.recfast"
    write_artifact(path, {"provenance": provenance}, tensors)
    first = path.read_bytes()
    artifact = read_artifact(path)
    assert artifact.manifest == {"format_version": 1, "provenance": provenance}
    assert same(artifact, tensors)
    assert artifact.size_bytes == len(first)
    write_artifact(path, {"provenance": provenance}, tensors)
    assert path.read_bytes() == first
    assert same(artifact, tensors)  # the mapping outlives the file's replacement


def test_tensors_are_aligned_read_only_views_of_one_mapping(tmp_path: Path) -> None:
    path = tmp_path / "a.recfast"
    write_artifact(path, {}, {"a": np.ones(3, np.int8), "b": np.ones((2, 5), np.float16), "c": np.zeros(0, np.int64)})
    artifact = read_artifact(path)
    addresses = [array.ctypes.data for array in artifact.tensors.values()]
    assert all(address % 64 == 0 for address in addresses)
    assert max(addresses) - min(addresses) < path.stat().st_size
    for array in artifact.tensors.values():
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True


def test_arrays_that_are_not_contiguous_are_written_in_row_order(tmp_path: Path) -> None:
    grid = np.arange(12, dtype=np.float32).reshape(3, 4)
    path = tmp_path / "a.recfast"
    write_artifact(path, {}, {"turned": grid.T, "stepped": grid[::2, ::-1]})
    tensors = read_artifact(path).tensors
    assert np.array_equal(tensors["turned"], grid.T)
    assert np.array_equal(tensors["stepped"], grid[::2, ::-1])


def test_any_safetensors_reader_opens_it(small: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    loaded = safetensors.load_file(str(small))
    for name, array in read_artifact(small).tensors.items():
        assert np.array_equal(loaded[name], array)
        assert loaded[name].dtype == array.dtype
    assert set(loaded) >= {"__checksums", "__pad.0", "__pad.1"}


def test_the_checksums_are_xxh64_of_what_the_layout_says(small: Path) -> None:
    xxhash = pytest.importorskip("xxhash")
    data = small.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    spans = [(0, 21), (21, 64), (64, 72), (72, 128)]
    digests = [xxhash.xxh64_intdigest(data[:start])]
    digests += [xxhash.xxh64_intdigest(data[start + begin : start + end]) for begin, end in spans]
    stored = np.frombuffer(data[start + 128 :], "<u8")
    assert stored[:-1].tolist() == digests
    assert stored[-1] == xxhash.xxh64_intdigest(stored[:-1].tobytes())


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "empty"), ("__pad.0", "reserved"), ("a\nb", "control"), ("a\ud800", "surrogate"), ("x" * 513, "513 char")],
)
def test_names_that_the_layout_cannot_hold_are_refused(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        write_artifact(tmp_path / "a.recfast", {}, {name: np.zeros(1, np.float32)})


@pytest.mark.parametrize("dtype", ["c8", "M8[s]", "O", "U3", "f8,i4", "u2"])
def test_dtypes_that_the_layout_cannot_hold_are_refused(tmp_path: Path, dtype: str) -> None:
    with pytest.raises(TypeError, match=r"tensor 'w': dtype .* cannot be written"):
        write_artifact(tmp_path / "a.recfast", {}, {"w": np.zeros(1, np.dtype(dtype))})


@pytest.mark.parametrize(
    "manifest",
    [{"a": float("nan")}, {"a": {1: 0, "1": 0}}, {"a": object()}, {"a": "\ud800"}, {"a": 2**64}, {"format_version": 2}],
)
def test_manifests_that_could_not_be_read_again_are_refused(tmp_path: Path, manifest: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="manifest: "):
        write_artifact(tmp_path / "a.recfast", manifest, {})
    assert list(tmp_path.iterdir()) == []
