"""Loads a model, reads every row of its tables, prints what the mapping of its file costs, and stays until stdin ends.

usage: map_tables.py PATH VERIFY      VERIFY: yes or no
"""

from __future__ import annotations

import json
import re
import sys

import numpy as np

import recfast as rf

BLOCK = 1 << 16
FIELD = re.compile(r"^(\w+): +(\d+) kB$")


def mapping(path: str) -> dict[str, int]:
    """The fields of /proc/self/smaps in kB, summed over the mappings of the file."""
    total: dict[str, int] = {}
    inside = False
    with open("/proc/self/smaps", encoding="utf-8") as smaps:
        for line in smaps:
            if field := FIELD.match(line):
                if inside:
                    total[field[1]] = total.get(field[1], 0) + int(field[2])
            elif "-" in line.partition(" ")[0]:  # the heading of the next mapping
                inside = line.rstrip("\n").endswith(f" {path}")
    return total


def main(path: str, verify: bool) -> None:
    model = rf.load(path, verify=verify)
    for table in model._tables.values():
        for first in range(0, table.num_rows, BLOCK):
            table.rows(np.arange(first, min(first + BLOCK, table.num_rows)))
    catalog = rf.Catalog(model, {"sku": ["a", "b"], "brand": ["acme", None], "price": [1.0, 2.0]})
    assert len(rf.Ranker(model, catalog).recommend({"country": "de"}, k=2).ids) == 2
    print(json.dumps(mapping(path)), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "yes")
