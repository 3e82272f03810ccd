"""What the documents show is run: Python blocks, docstring examples, commands."""

from __future__ import annotations

import doctest
import importlib
import re
import shutil
from pathlib import Path

import pytest

from .conftest import ROOT

PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
DOCUMENTS = ("README.md", "HACKING.md")
PACKAGES = {"python": "recfast", "training": "recfast_training"}
MODULES = sorted(
    ".".join(path.relative_to(ROOT / folder).with_suffix("").parts).removesuffix(".__init__")
    for folder, package in PACKAGES.items()
    for path in (ROOT / folder / package).rglob("*.py")
    if path.stem != "__main__"
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_python_blocks_of_a_document_run(
    root: Path, document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = PYTHON_BLOCK.findall((root / document).read_text(encoding="utf-8"))
    assert blocks
    if "recfast_training" in "".join(blocks):
        pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks:
        exec(compile(block, document, "exec"), names)


def test_the_example_of_the_readme_is_short_and_ranks(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    (block,) = PYTHON_BLOCK.findall((root / "README.md").read_text(encoding="utf-8"))
    assert len([line for line in block.splitlines() if line.strip()]) <= 12
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {})
    assert re.search(r"\['(a1|b2)'\]", capsys.readouterr().out)


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_run(
    module: str, shop_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if module.startswith("recfast_training"):
        pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    shutil.copy(shop_path, "shop.recfast")
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_make_targets_of_a_document_exist(root: Path, document: str) -> None:
    rules = re.findall(r"^([a-z][a-z -]*):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    targets = set(" ".join(rules).split())
    named = re.findall(r'make(?: [A-Z]+="[^"]*")* ([a-z][a-z-]+)', (root / document).read_text(encoding="utf-8"))
    assert named
    assert set(named) <= targets
