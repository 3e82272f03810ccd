"""The command `recfast`: `recfast inspect FILE`, `recfast --version`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .artifact import read_artifact
from .errors import FormatError
from .inspect import describe

_FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: what follows the program's name; None takes them from the process.

    Returns:
        The exit code: 0 when all went well, 1 when the file cannot be read. Arguments that make no sense end the
        process with 2, as argparse does.

    Example:
        >>> main(["inspect", "absent.recfast"])
        1
    """
    options = _parser().parse_args(arguments)
    try:
        print(describe(read_artifact(options.file, verify=not options.no_verify)))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more to say to a closed pipe
    except OSError as error:
        return _fail(f"{options.file}: {error.strerror or error}")
    except FormatError as error:
        return _fail(str(error))
    return 0


def _fail(message: str) -> int:
    print(f"recfast: {message}", file=sys.stderr)
    return _FAILED


def _parser() -> argparse.ArgumentParser:
    from . import __version__

    parser = argparse.ArgumentParser(prog="recfast", description="Look into recfast artifacts.")
    parser.add_argument("--version", action="version", version=f"recfast {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    inspect = commands.add_parser("inspect", help="print schema, tables, program, provenance and sizes of a file")
    inspect.add_argument("file", metavar="FILE", help="a .recfast file")
    inspect.add_argument("--no-verify", action="store_true", help="skip the checksums, which read the whole file")
    return parser
