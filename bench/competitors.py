"""Who takes part: whoever is installed, and by name whoever is not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")

OWN = ("bench", "recfast", "recfast_training")


class Absent(Exception):  # noqa: N818  not an error: the table tells it
    """A competitor cannot take part, and why."""


def made_by(package: str, entry: str, *arguments: Any) -> Callable[[], Any]:
    """Makes a competitor out of its own file, which is imported then, with whatever it needs.

    Args:
        package: the folder that holds the file.
        entry: "file.Class".
        arguments: of the class.
    """
    module, _, name = entry.partition(".")
    return lambda: getattr(import_module(f"{package}.{module}"), name)(*arguments)


def assemble(
    makers: Mapping[str, Callable[[], T]], asked: Collection[str] | None = None
) -> tuple[dict[str, T], dict[str, str]]:
    """Make every competitor.

    Args:
        makers: by name; one that needs a package that is not installed raises ModuleNotFoundError, one that cannot take
            part for another reason raises Absent.
        asked: names that take part if they can, all when None.

    Returns:
        The competitors by name, and the reasons of those that are absent.
    """
    present: dict[str, T] = {}
    absent: dict[str, str] = {}
    for name, make in makers.items():
        if asked is not None and name not in asked:
            absent[name] = "left out by --peers"
            continue
        try:
            present[name] = make()
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package in ("", *OWN):
                raise
            absent[name] = f"{package} is not installed"
        except Absent as reason:
            absent[name] = str(reason)
    return present, absent
