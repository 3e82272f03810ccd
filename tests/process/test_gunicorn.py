"""gunicorn --preload: the master loads the model, its workers rank."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("gunicorn")

WORKERS, TIMEOUT_S = 2, 60
COUNTRIES = ("de", "fr", "it", "never seen")


@pytest.fixture
def port(shop_path: Path, tmp_path: Path) -> Iterator[int]:
    """A service on loopback. The socket listens before gunicorn runs, so that the first request waits for a worker."""
    log = tmp_path / "gunicorn.log"
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", str(WORKERS)]
        command += [
            "--bind",
            f"fd://{listener.fileno()}",
            "--timeout",
            str(TIMEOUT_S),
            "--worker-tmp-dir",
            str(tmp_path),
        ]
        command += ["--chdir", str(Path(__file__).parent), "shop_service:app"]
        master = subprocess.Popen(
            command,
            env=os.environ | {"SHOP_PATH": str(shop_path)},
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield listener.getsockname()[1]
            master.terminate()
            assert master.wait(TIMEOUT_S) == 0, log.read_text(encoding="utf-8")
        finally:
            if master.poll() is None:
                os.killpg(master.pid, signal.SIGKILL)
                master.wait()
    assert "Traceback" not in log.read_text(encoding="utf-8")


def ask(port: int, country: str) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/?country=" + country.replace(" ", "+"))
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        answer: dict[str, Any] = json.loads(body)
        return answer
    finally:
        connection.close()


def test_workers_of_a_preloaded_service_rank_as_their_master_did(port: int) -> None:
    answers: dict[str, list[Any]] = {}
    workers = set()
    for _ in range(200):  # until every worker has been asked; they take the requests as they come
        for country in COUNTRIES:
            answer = ask(port, country)
            assert answer["worker"] != answer["loaded_in"]
            assert len(answer["best"]) == 20
            assert answers.setdefault(country, answer["best"]) == answer["best"]
            workers.add(answer["worker"])
        if len(workers) == WORKERS:
            break
    assert len(workers) == WORKERS
