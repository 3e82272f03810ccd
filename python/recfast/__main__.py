"""`python -m recfast`: the command `recfast`."""

from __future__ import annotations

import sys

from .cli import main

sys.exit(main())
