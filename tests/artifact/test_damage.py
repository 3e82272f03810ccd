from __future__ import annotations

from pathlib import Path

import pytest

from recfast import FormatError
from recfast.artifact import read_artifact


def refused(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        read_artifact(path)
    except FormatError as error:
        return str(error).startswith(str(path))
    return False


def test_every_flipped_bit_is_found(small: Path, tmp_path: Path) -> None:
    data = bytearray(small.read_bytes())
    other = tmp_path / "flipped.recfast"
    unseen = []
    for bit in range(8 * len(data)):
        data[bit // 8] ^= 1 << bit % 8
        if not refused(other, data):
            unseen.append(bit)
        data[bit // 8] ^= 1 << bit % 8
    assert unseen == []
    assert not refused(other, data)


def test_every_truncation_and_any_extra_byte_is_found(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    other = tmp_path / "cut.recfast"
    assert [length for length in range(len(data)) if not refused(other, data[:length])] == []
    assert [extra for extra in (1, 7, 64, 4096) if not refused(other, data + b"\0" * extra)] == []


def test_a_damaged_tensor_is_named(small: Path) -> None:
    data = bytearray(small.read_bytes())
    data[8 + int.from_bytes(data[:8], "little") + 64] ^= 1
    small.write_bytes(data)
    with pytest.raises(FormatError, match=r"small\.recfast: damaged: tensor 'deep\.0\.bias' does not match"):
        read_artifact(small)


def test_without_verify_only_the_checksums_are_skipped(small: Path) -> None:
    data = bytearray(small.read_bytes())
    data[8 + int.from_bytes(data[:8], "little")] = 200
    small.write_bytes(data)
    assert read_artifact(small, verify=False).tensors["table.brand"][0, 0] == 200
    small.write_bytes(data[:-1])
    with pytest.raises(FormatError):
        read_artifact(small, verify=False)


def test_paths_that_hold_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_artifact(tmp_path / "absent.recfast")
    with pytest.raises(IsADirectoryError):
        read_artifact(tmp_path)
    empty = tmp_path / "empty.recfast"
    empty.touch()
    with pytest.raises(FormatError, match="too short: 0 bytes"):
        read_artifact(empty)
    with pytest.raises(FormatError, match="regular file"):
        read_artifact("/dev/null")
