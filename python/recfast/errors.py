"""The errors of recfast that are not builtin ones."""

from __future__ import annotations


class FormatError(ValueError):
    """A file is not a recfast artifact, is damaged, or disagrees with its own recorded rows.

    The message names the file, what was expected, what was found, and where.
    """


class DeviceError(RuntimeError):
    """A device was asked for that this process cannot use; the message gives the driver's reason."""
