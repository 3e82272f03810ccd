from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recfast as rf
from recfast.artifact import read_artifact, write_artifact
from recfast.cli import main
from recfast.inspect import describe

MANIFEST = {
    "recfast_version": "0.1.0",
    "schema": rf.Schema(
        request=[rf.Categorical("country", buckets=100)],
        item=[rf.Categorical("brand", buckets=65536), rf.Numeric("price")],
        pair=[rf.Match("bought", map="bought_counts", key="sku")],
        key="sku",
    ).to_json(),
    "program": {
        "inputs": [
            {"name": "brand", "side": "item", "kind": "ids"},
            {"name": "price", "side": "item", "kind": "dense", "width": 1},
        ],
        "ops": [
            {"op": "embedding_bag", "inputs": ["brand"], "output": "brand/e", "table": "brand", "pooling": "sum"},
            {"op": "concat", "inputs": ["brand/e", "price"], "output": "x"},
            {"op": "linear", "inputs": ["x"], "output": "logit", "weight": "out.weight", "activation": "none"},
        ],
        "output": "logit",
    },
    "tables": {"brand": {"dtype": "i8", "rows": 65537, "dim": 16}},
    "provenance": {"seeds": [1, 2, 3], "metrics": {"auc": 0.8512345, "gauc": 0.85}, "data": "x" * 300},
    "self_test": {"rows": 64, "columns": ["country", "brand", "price", "sku"]},
}
TENSORS = {"table.brand": np.zeros((65537, 20), np.uint8), "out.weight": np.zeros((1, 17), np.float32)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.recfast"
    write_artifact(path, MANIFEST, TENSORS)
    return path


def test_it_shows_every_part_in_columns(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(file)]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert captured.err == ""
    assert lines[0] == str(file)
    assert "format 1, written by recfast 0.1.0" in lines
    assert "1.3 MB in 2 tensors" in lines
    assert "Schema, key sku" in lines
    assert "  brand  i8     65,537   16  1.3 MB" in lines
    assert "  out.weight  float32  1 x 17  68 B" in lines
    assert "  metrics.auc   0.851235" in lines
    assert "  64 rows of 4 columns" in lines
    assert max(map(len, lines)) < 250
    starts = {line.index(kind) for line in lines for kind in ("categorical", "numeric", "match ") if kind in line}
    assert len(starts) == 1


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), (b"", "too short"), (b"x" * 100, "not an artifact")]
)
def test_files_that_cannot_be_read_are_one_line_on_stderr(
    tmp_path: Path, content: bytes | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.recfast"
    if content is not None:
        path.write_bytes(content)
    assert main(["inspect", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"recfast: {path}: ")
    assert words in captured.err
    assert captured.err.count("\n") == 1


def test_no_verify_shows_a_file_whose_checksums_are_wrong(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(file.read_bytes())
    data[8 + int.from_bytes(data[:8], "little")] ^= 1
    file.write_bytes(data)
    assert main(["inspect", str(file)]) == 1
    assert "table.brand" in capsys.readouterr().err
    assert main(["inspect", "--no-verify", str(file)]) == 0


def test_arguments_that_make_no_sense_exit_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["inspect"], ["destroy", "x"], ["inspect", "a", "b"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    assert "usage: recfast" in capsys.readouterr().err


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"recfast {rf.__version__}\n"


def test_a_closed_pipe_is_no_error(file: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = "import sys; from recfast.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, "inspect", str(file)], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(
        st.sampled_from(["name", "kind", "item", "inputs", "ops", "op", "rows", "columns", "\x1b[31m", ""]), inner
    ),
    max_leaves=20,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*MANIFEST, "more"]), JSON))
def test_any_manifest_can_be_shown_and_moves_no_terminal(tmp_path: Path, manifest: dict[str, Any]) -> None:
    path = tmp_path / "any.recfast"
    write_artifact(path, manifest, {})
    text = describe(read_artifact(path))
    assert all(character.isprintable() or character in "\n " for character in text)


def test_the_module_runs_as_the_command() -> None:
    found = subprocess.run([sys.executable, "-m", "recfast", "--version"], capture_output=True, text=True, check=True)
    assert found.stdout.startswith("recfast ")
