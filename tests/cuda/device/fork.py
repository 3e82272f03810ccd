"""A call in a forked child."""

from __future__ import annotations

import os
from collections.abc import Callable

import recfast as rf


def device_error_in_a_child(call: Callable[[], object]) -> str:
    """The text of the DeviceError that the call raises in a child; empty where it raises none."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            call()
        except rf.DeviceError as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()
