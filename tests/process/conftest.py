from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RunScript = Callable[..., None]


@pytest.fixture
def run_script(shop_path: Path) -> RunScript:
    """Run a script of this folder in a process of its own, in a session of its own; it must succeed in silence."""

    def run(script: str, *arguments: str, timeout_s: float = 300) -> None:
        command = [sys.executable, "-W", "ignore::DeprecationWarning", str(HERE / script), *arguments]
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))  # a fork server knows no other
        environment = os.environ | {"SHOP_PATH": str(shop_path), "PYTHONPATH": path}
        with subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)  # its children, too
                raise
        assert (process.returncode, output) == (0, "")

    return run
