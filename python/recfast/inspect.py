"""What an artifact holds, as text that a person can read.

A manifest is shown as it is found: a part that is missing or has an unexpected form is left out or printed as JSON,
since a file that does not load is one that somebody wants to look into. Control characters are escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from .artifact import Artifact

_MAX_CELL = 60
_SIDES = ("request", "item", "pair")
_PARTS = ("format_version", "recfast_version", "schema", "program", "tables", "provenance", "self_test", "engines")


def describe(artifact: Artifact) -> str:
    """The parts of `artifact` as aligned text, without a newline at the end.

    Example:
        >>> import pathlib, tempfile, numpy as np
        >>> from recfast.artifact import read_artifact, write_artifact
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "small.recfast"
        >>> write_artifact(path, {"recfast_version": "0.1.0"}, {"w": np.ones(4, np.float32)})
        >>> print(describe(read_artifact(path)).split(chr(10), 1)[1])
        format 1, written by recfast 0.1.0
        416 B in 1 tensor
    """
    manifest = artifact.manifest
    parts = [
        _head(artifact),
        *_schema(manifest.get("schema")),
        *_tables(manifest.get("tables"), artifact),
        *_program(manifest.get("program")),
        *_weights(artifact),
        *_pairs("Provenance", manifest.get("provenance")),
        *_self_test(manifest.get("self_test")),
        *_engines(manifest.get("engines")),
        *_pairs("More", {key: value for key, value in manifest.items() if key not in _PARTS}),
    ]
    return "\n\n".join(parts)


def _head(artifact: Artifact) -> str:
    count = len(artifact.tensors)
    version = _cell(artifact.manifest.get("recfast_version", "(unknown version)"))
    return "\n".join(
        [
            _clean(str(artifact.path)),
            f"format {artifact.manifest['format_version']}, written by recfast {version}",
            f"{_size(artifact.size_bytes)} in {count} tensor{'s' * (count != 1)}",
        ]
    )


def _schema(schema: Any) -> Iterable[str]:
    if not isinstance(schema, dict):
        return
    rows = []
    for side in _SIDES:
        for feature in _dicts(schema.get(side)):
            rest = {key: value for key, value in feature.items() if key not in ("name", "kind")}
            details = ", ".join(f"{_clean(key)}={_cell(value)}" for key, value in rest.items() if value is not None)
            rows.append([side, _cell(feature.get("name")), _cell(feature.get("kind")), details])
    yield _table(f"Schema, key {_cell(schema.get('key'))}", ["side", "feature", "kind", "details"], rows)


def _tables(tables: Any, artifact: Artifact) -> Iterable[str]:
    if not isinstance(tables, dict) or not tables:
        return
    rows = []
    for name, table in tables.items():
        table = table if isinstance(table, dict) else {}
        stored = artifact.tensors.get(f"table.{name}")
        size = "-" if stored is None else _size(stored.nbytes)
        rows.append([_cell(name), _cell(table.get("dtype")), _count(table.get("rows")), _cell(table.get("dim")), size])
    yield _table("Tables", ["name", "dtype", "rows", "dim", "size"], rows)


def _program(program: Any) -> Iterable[str]:
    if not isinstance(program, dict):
        return
    inputs = [
        [_cell(slot.get("name")), _cell(slot.get("side")), _cell(slot.get("kind")), _cell(slot.get("width", ""))]
        for slot in _dicts(program.get("inputs"))
    ]
    yield _table("Program: inputs", ["slot", "side", "kind", "width"], inputs)
    ops = []
    for op in _dicts(program.get("ops")):
        inputs_of = op.get("inputs")
        inputs_of = inputs_of if isinstance(inputs_of, list) else []
        rest = {key: value for key, value in op.items() if key not in ("op", "inputs", "output")}
        details = ", ".join(f"{_clean(key)}={_cell(value)}" for key, value in rest.items() if value is not None)
        ops.append([_cell(op.get("output")), _cell(op.get("op")), _names(inputs_of), details])
    yield _table(f"Program: ops, output {_cell(program.get('output'))}", ["slot", "op", "inputs", "details"], ops)


def _weights(artifact: Artifact) -> Iterable[str]:
    kept = {n: a for n, a in artifact.tensors.items() if not n.startswith(("table.", "self_test.", "engine."))}
    if kept and "program" in artifact.manifest:
        rows = [[_cell(n), a.dtype.name, " x ".join(map(str, a.shape)), _size(a.nbytes)] for n, a in kept.items()]
        yield _table("Weights", ["name", "dtype", "shape", "size"], rows)


def _pairs(title: str, values: Any) -> Iterable[str]:
    if isinstance(values, dict) and values:
        yield _table(title, None, list(_flat("", values)))


def _self_test(self_test: Any) -> Iterable[str]:
    if isinstance(self_test, dict):
        columns = self_test.get("columns")
        names = columns if isinstance(columns, list) else []
        yield f"Self-test\n  {_cell(self_test.get('rows'))} rows of {len(names)} columns"


def _engines(engines: Any) -> Iterable[str]:
    rows, layers = [], []
    for engine in _dicts(engines):
        plan, onnx = ({} if not isinstance(engine.get(part), dict) else engine[part] for part in ("plan", "onnx"))
        device = plan["device"].get("name") if isinstance(plan.get("device"), dict) else None
        target = engine.get("capabilities") or device
        name = f"{_cell(engine.get('network'))}, {_cell(engine.get('precision'))}, {_cell(engine.get('engine'))}"
        built = "built when opened" if not plan else f"{_size_of(plan)}, {_cell(plan.get('xxh64'))}"
        found = _dicts(engine.get("layers"))
        version = _cell(plan.get("version"))
        network = f"{_size_of(onnx)}, {_cell(onnx.get('xxh64'))}"
        rows.append([name, _cell(engine.get("batch")), network, built, version, _cell(target), str(len(found))])
        for layer in found:
            nodes = layer.get("nodes")
            shape, dtype = _cell(layer.get("shape")), _cell(layer.get("dtype"))
            of = _names(nodes) if isinstance(nodes, list) else "-"
            layers.append([name, _cell(layer.get("name")), _cell(layer.get("kind")), dtype, shape, of])
    if rows:
        yield _table("Engines", ["network", "batch", "ONNX, XXH64", "engine, XXH64", "version", "for", "layers"], rows)
    if layers:
        yield _table("Layers of the engines", ["network", "layer", "kind", "dtype", "shape", "ONNX nodes"], layers)


def _size_of(place: dict[str, Any]) -> str:
    size = place.get("size_bytes")
    return _size(size) if type(size) is int else _cell(size)


def _flat(prefix: str, value: Any) -> Iterable[list[str]]:
    """Nested dicts as rows of a dotted name and a value."""
    for key, inner in value.items():
        name = f"{prefix}{_clean(key)}"
        if isinstance(inner, dict) and inner and prefix.count(".") < 3:
            yield from _flat(name + ".", inner)
        else:
            yield [name, _cell(inner, limit=100)]


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _names(values: list[Any]) -> str:
    shown = ", ".join(_cell(value) for value in values[:4])
    return shown if len(values) <= 4 else f"{shown}, ... {len(values)} in all"


def _cell(value: Any, *, limit: int = _MAX_CELL) -> str:
    """A value in one short piece of text; a long list is shown by its first values and its length."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list) and len(value) > 8:
        shown = ", ".join(_cell(inner, limit=12) for inner in value[:3])
        return f"[{shown}, ... {len(value):,} in all]"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = _clean(text)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else _cell(value)


def _clean(text: str) -> str:
    """`text` without anything that a terminal would act on."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _size(size_bytes: int) -> str:
    size, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size_bytes} B" if unit == "B" else f"{size:.1f} {unit}"


def _table(title: str, head: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> str:
    """A title and rows in columns of equal width; numbers to the right."""
    lines = [list(head)] if head else []
    lines += [list(row) for row in rows]
    if not rows:
        return f"{title}\n  (none)"
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    right = [
        bool(head) and all(row[i][:1].isdigit() or row[i] in ("", "-") for row in rows) for i in range(len(widths))
    ]
    text = [title]
    for line in lines:
        cells = [cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(line, widths, right, strict=True)]
        text.append("  " + "  ".join(cells).rstrip())
    return "\n".join(text)
