from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from recfast.artifact import read_artifact, write_artifact

NEW = {"w": np.full(1000, 2.0, np.float32)}


def interrupt(*_: Any, **__: Any) -> NoReturn:
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(
    small: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = small.read_bytes()
    monkeypatch.setattr(os, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_artifact(small, {}, NEW)
    assert small.read_bytes() == before
    assert list(small.parent.iterdir()) == [small]


def test_a_folder_that_is_missing_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_artifact(tmp_path / "absent" / "a.recfast", {}, NEW)


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_artifact(tmp_path / "a.recfast", {}, NEW)
    assert (tmp_path / "a.recfast").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_readers_beside_a_writer_see_whole_files(tmp_path: Path) -> None:
    path = tmp_path / "a.recfast"
    contents = [{"w": np.full(5000, value, np.float32)} for value in (1.0, 2.0)]
    write_artifact(path, {}, contents[0])
    stop = threading.Event()

    def keep_writing() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            write_artifact(path, {"turn": turn}, contents[turn % 2])

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for _ in range(200):
            values = read_artifact(path).tensors["w"]
            assert values[0] in (1.0, 2.0)
            assert (values == values[0]).all()
    finally:
        stop.set()
        writer.join()
