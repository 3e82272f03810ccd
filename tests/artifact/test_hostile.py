from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from recfast import FormatError
from recfast.artifact import read_artifact

from . import forge
from .forge import entry

ONE = {"w": entry("F32", [2], 0, 8), "__pad.0": entry("U8", [56], 8, 64)}
BIG = 2**63 - 1


def refuses(tmp_path: Path, content: bytes, words: str) -> None:
    path = forge.write(tmp_path / "bad.recfast", content)
    for verify in (True, False):
        with pytest.raises(FormatError, match=words) as caught:
            read_artifact(path, verify=verify)
        assert str(caught.value).startswith(f"{path}: ")
        assert len(str(caught.value)) < 1000


def test_the_forge_makes_good_files(tmp_path: Path) -> None:
    path = forge.write(tmp_path / "good.recfast", forge.file_of(ONE, bytes(64)))
    assert read_artifact(path).tensors["w"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("length", [2**63, 2**64 - 1, 2**63 - 8, 64 * 2**20 + 1, 2**32])
def test_header_lengths_beyond_the_limit(tmp_path: Path, length: int) -> None:
    refuses(tmp_path, length.to_bytes(8, "little") + b"{}" + b" " * 118, "at most 67108864")


def test_header_lengths_beyond_the_file_or_misaligned(tmp_path: Path) -> None:
    refuses(tmp_path, (56).to_bytes(8, "little") + b"{}", "only 2 bytes follow")
    refuses(tmp_path, (3).to_bytes(8, "little") + b"{} ", "multiple of 64")
    refuses(tmp_path, bytes(64), "byte 8: expected '{'")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[" * 200_000, "expected '{'"),
        (b'{"a":' * 200_000, "200000 deep"),
        (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "200001 deep"),
        (b'{"a":"\\\\",' + b'"b":[' * 20 + b"]" * 20 + b"}", "21 deep|not JSON"),
        (b'{"__metadata__":{"recfast":"\xff"}}', "not UTF-8: .* at byte 28"),
        (b'{"__metadata__":{"recfast":"\xed\xa0\x80"}}', "not UTF-8"),
        (b'{"__metadata__":{"recfast":"{}"}', "not JSON"),
        (b'{"__metadata__":{"recfast":"{}"}} x', "not JSON: Extra data"),
        (b'{"a":1,"a":1}', "'a' stands twice"),
        (b'{"a":{"b":1,"b":2}}', "'b' stands twice"),
        (b'{"a":NaN}', "NaN is not allowed"),
        (b'{"a":-Infinity}', "-Infinity is not allowed"),
        (b'{"a":1e999}', "too large"),
        (b'{"a":' + b"9" * 100_000 + b"}", "64 bits"),
        (b'{"a":18446744073709551616}', "64 bits"),
        (b"{'a':1}", "not JSON"),
        (b'{"a":"\x01"}', "not JSON: Invalid control character"),
        (b'{"a\\ud800":1}', "unpaired surrogate"),
        (b'{"a":1}', "no manifest"),
        (b'{"__metadata__":null}', "no manifest"),
        (b'{"__metadata__":{"recfast":{}}}', "no manifest"),
        (b'{"__metadata__":{"recfast":"{}","more":"x"}}', "holds 'more' besides"),
    ],
)
def test_headers_that_are_no_header(tmp_path: Path, text: bytes, words: str) -> None:
    refuses(tmp_path, forge.with_length(text), words)


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("", "manifest: not JSON"),
        ("[]", "manifest: expected a JSON object, got list"),
        ("{}", "format_version must be a positive integer, got None"),
        ('{"format_version":true}', "positive integer, got True"),
        ('{"format_version":1.0}', "positive integer, got 1.0"),
        ('{"format_version":0}', "positive integer, got 0"),
        ('{"format_version":2}', "format version 2, but this recfast reads up to 1; install a newer"),
        ('{"format_version":1,"format_version":1}', "manifest: the key 'format_version' stands twice"),
        ('{"format_version":1,"x":Infinity}', "manifest: Infinity"),
        ('{"format_version":1,"x":"\\ud800"}', "manifest: a string holds an unpaired surrogate"),
        ('{"x":' * 200_000, "manifest: brackets nested 200000 deep, at most 64"),
    ],
)
def test_manifests_that_are_no_manifest(tmp_path: Path, manifest: str, words: str) -> None:
    refuses(tmp_path, forge.file_of(ONE, bytes(64), metadata={"recfast": manifest}), words)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "expected an object of dtype"),
        ([], "expected an object of dtype"),
        ({"dtype": "F32", "shape": [2]}, "expected an object of dtype"),
        ({**entry("F32", [2], 0, 8), "more": 1}, "expected an object of dtype"),
        (entry("F31", [2], 0, 8), "dtype 'F31', expected one of F64"),
        (entry("BF16", [4], 0, 8), "dtype 'BF16'"),
        (entry(["F32"], [2], 0, 8), "dtype \\['F32'\\]"),
        (entry("F32", 2, 0, 8), "shape 2"),
        (entry("F32", [2.0], 0, 8), "shape \\[2.0\\]"),
        (entry("F32", [True, 2], 0, 8), "shape \\[True"),
        (entry("F32", ["2"], 0, 8), "shape \\['2'\\]"),
        (entry("F32", [-2], 0, 8), "shape \\[-2\\]"),
        (entry("F32", [2**63], 0, 8), "shape \\[9223372036854775808\\]"),
        (entry("F32", [1] * 9, 0, 4), "at most 8 integers"),
        (entry("F32", [1] * 100_000, 0, 4), "at most 8 integers"),
        (entry("F32", [2**31, 2**31], 0, 8), "larger than 2\\^63"),
        (entry("F32", [BIG, BIG, BIG], 0, 8), "larger than 2\\^63"),
        (entry("F32", [0, BIG, BIG], 0, 0), "larger than 2\\^63"),
        (entry("U8", [BIG], 0, BIG), "only [0-9]+ bytes follow"),
        (entry("F32", [2], 0, 9), "expected 8 bytes for F32"),
        (entry("F32", [2], 8, 0), "expected 8 bytes"),
        (entry("F32", [2], False, 8), "expected two integers"),
        (entry("F32", [2], 0.0, 8), "expected two integers"),
        (entry("F32", [2], -8, 0), "expected two integers"),
        (entry("F32", [2], 2**63 - 8, 2**63), "expected two integers"),
        (entry("F32", [2], None, 8), "expected two integers"),
        ({"dtype": "F32", "shape": [2], "data_offsets": [0, 8, 8]}, "expected two integers"),
        ({"dtype": "F32", "shape": [2], "data_offsets": "08"}, "expected two integers"),
        (entry("F32", [2], 64, 72), "a hole before it"),
        (entry("BOOL", [8], 0, 8), "BOOL bytes must be 0 or 1"),
    ],
)
def test_tensors_that_are_no_tensor(tmp_path: Path, value: Any, words: str) -> None:
    body = b"\2" * 8 + bytes(56)
    tensors = {"w": value, "__pad.0": entry("U8", [56], 8, 64)}
    refuses(tmp_path, forge.file_of(tensors, body), words)


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({"w": entry("F32", [16], 0, 64), "v": entry("F32", [16], 0, 64)}, "'v': starts at 0, .* overlaps"),
        ({"w": entry("F32", [16], 64, 128), "v": entry("F32", [16], 0, 64)}, "'w': starts at 64, expected 0"),
        ({"w": entry("F32", [2], 0, 8), "v": entry("F32", [14], 8, 64)}, "'v': .* not a multiple of 64"),
        ({"w": entry("F32", [2], 0, 8), "__pad.x": entry("U8", [56], 8, 64)}, "reserved"),
        ({"w": entry("F32", [2], 0, 8), "__more": entry("U8", [56], 8, 64)}, "reserved"),
        ({"w": entry("F32", [2], 0, 8), "__pad.0": entry("I8", [56], 8, 64)}, "expected U8 of 1 to 63"),
        ({"__pad.0": entry("U8", [64], 0, 64)}, "expected U8 of 1 to 63"),
        ({"": entry("F32", [16], 0, 64)}, "the name is empty"),
        ({"a\nb": entry("F32", [16], 0, 64)}, "control character"),
        ({"x" * 513: entry("F32", [16], 0, 64)}, "513 characters"),
    ],
)
def test_tensors_that_do_not_fit_together(tmp_path: Path, tensors: dict[str, Any], words: str) -> None:
    refuses(tmp_path, forge.file_of(tensors, bytes(128 if "v" in tensors else 64)), words)


def test_checksums_must_be_there_and_last_and_of_the_right_size(tmp_path: Path) -> None:
    header = {"__metadata__": {"recfast": forge.MANIFEST}}
    refuses(tmp_path, forge.with_length(forge.header_of(header)), "last tensor must be '__checksums', got none")
    without = header | {"w": entry("F32", [16], 0, 64)}
    refuses(tmp_path, forge.with_length(forge.header_of(without)) + bytes(64), "must be '__checksums', got 'w'")
    for dtype, shape in (("U64", [3]), ("U64", [2, 1]), ("I64", [2]), ("U64", [])):
        size = 8 * (shape[0] if shape else 1)
        wrong = header | {"__checksums": entry(dtype, shape, 0, size)}
        refuses(tmp_path, forge.with_length(forge.header_of(wrong)) + bytes(size), "expected U64 \\[2\\]")


def test_checksums_before_other_tensors_are_refused(tmp_path: Path) -> None:
    header = {
        "__metadata__": {"recfast": forge.MANIFEST},
        "__checksums": entry("U64", [3], 0, 24),
        "__pad.0": entry("U8", [40], 24, 64),
    }
    refuses(tmp_path, forge.with_length(forge.header_of(header)) + bytes(64), "got '__pad.0'")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
@example(content=b"PK\3\4" + bytes(60))
@example(content=b"\x80\x04\x95" + bytes(61))
def test_any_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    path = forge.write(tmp_path / "any.recfast", content)
    with pytest.raises(FormatError):
        read_artifact(path)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(0, 10**6),
    new=st.sampled_from([b"", b"0", b"-", b"1e9", b"]", b"[", b"{", b'"', b"\\", b"\\u", b"9" * 30, b"null", b"\0"]),
    removed=st.integers(0, 3),
)
def test_headers_with_an_edit_are_refused(tmp_path: Path, small: Path, at: int, new: bytes, removed: int) -> None:
    data = small.read_bytes()
    length = int.from_bytes(data[:8], "little")
    text, body = data[8 : 8 + length].rstrip(b" "), data[8 + length :]
    at %= len(text)
    edited = forge.with_length(text[:at] + new + text[at + removed :]) + body
    if edited != data:
        path = forge.write(tmp_path / "edited.recfast", edited)
        with pytest.raises(FormatError):
            read_artifact(path)
