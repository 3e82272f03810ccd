"""What a program must be: every mistake is refused when it is compiled, with the op and what is wrong with it."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf
from recfast import _core

from .random_programs import inputs_of

SCHEMA = rf.Schema(
    request=[rf.Categorical("user", buckets=9), rf.Bag("recent", buckets=4)],
    item=[rf.Numeric("price"), rf.Vector("image", dim=3)],
    key="sku",
)
RNG = np.random.default_rng(0)
SHAPES = {
    "w": (2, 10),
    "b": (2,),
    "u": (1, 2),
    "square": (3, 3),
    "tall": (2**20 + 1, 1),
    "flat": (10,),
    "empty": (0, 10),
    "wide": (2, 3),
    "thin": (3, 2),
    "taller": (4, 2),
}
WEIGHTS = {name: RNG.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}
TABLES = {
    name: _core.Table(RNG.normal(size=shape).astype(np.float32), "f32")
    for name, shape in {"user": (10, 3), "recent": (5, 3)}.items()
}
PROGRAM: dict[str, Any] = {
    "inputs": inputs_of(SCHEMA),
    "ops": [
        {"op": "embedding_bag", "inputs": ["user"], "output": "e", "table": "user", "pooling": "sum"},
        {"op": "embedding_bag", "inputs": ["recent"], "output": "r", "table": "recent", "pooling": "mean"},
        {"op": "concat", "inputs": ["e", "r", "price", "image"], "output": "x"},
        {"op": "linear", "inputs": ["x"], "output": "h", "weight": "w", "bias": "b", "activation": "relu"},
        {"op": "linear", "inputs": ["h"], "output": "y", "weight": "u"},
    ],
    "output": "y",
}
ROWS = {"user": ["a", None], "recent": [["b"], None], "price": [1.0, None], "image": [[1.0, 2.0, 3.0]] * 2}


def compile_program(program: Any, *, isa: str | None = None, **weights: Any) -> _core.Executor:
    return _core.Executor(SCHEMA.encoder, program, TABLES, WEIGHTS | weights, isa)


def changed(**entries: Any) -> dict[str, Any]:
    return {**copy.deepcopy(PROGRAM), **entries}


def with_ops(*ops: dict[str, Any], output: str = "y") -> dict[str, Any]:
    return changed(ops=[*copy.deepcopy(PROGRAM["ops"]), *ops], output=output)


def with_input(index: int, **entries: Any) -> dict[str, Any]:
    program = copy.deepcopy(PROGRAM)
    program["inputs"][index] |= entries
    return program


def op(name: str, *inputs: Any, output: Any = "z", **attributes: Any) -> dict[str, Any]:
    return {"op": name, "inputs": list(inputs), "output": output, **attributes}


def test_it_compiles_and_null_attributes_are_absent() -> None:
    plain = compile_program(PROGRAM).score(ROWS)
    program = copy.deepcopy(PROGRAM)
    program["ops"][4] |= {"bias": None, "activation": None}
    program["inputs"].reverse()
    np.testing.assert_array_equal(compile_program(program).score(ROWS), plain)


REFUSED: list[tuple[dict[str, Any], str]] = [
    (with_ops(op("relu", "h")), "unknown op 'relu'; the ops are embedding_bag, concat, linear, fm, dot_inter"),
    (with_ops(op("sum", "z")), "op 'sum' -> 'z': the input 'z' is no slot before it"),
    (with_ops(op("sum", "later"), op("sum", "h", output="later")), "the input 'later' is no slot before it"),
    (with_ops(op("sum", "h", output="x")), "op 'sum': its output 'x' exists already"),
    (with_ops(op("sum", "h", output="price")), "its output 'price' exists already"),
    (with_ops(op("sum")), "op 'sum' -> 'z': expected 1 inputs or more, got 0"),
    (with_ops(op("concat")), "op 'concat' -> 'z': expected 1 inputs or more, got 0"),
    (with_ops(op("fm")), "op 'fm' -> 'z': expected 1 inputs or more, got 0"),
    (with_ops(op("linear", "h", "h", weight="u")), "op 'linear' -> 'z': expected 1"),
    (with_ops(op("cross", "e", weight="square")), "op 'cross' -> 'z': expected 2 inputs"),
    (with_ops(op("dot_interaction", "e")), "op 'dot_interaction' -> 'z': expected 2 inputs or more, got 1"),
    (with_ops(op("dot_interaction", "e", "h")), "the inputs 'e' and 'h' are 3 and 2 wide; they must be equal"),
    (with_ops(op("dot_interaction", "user", "e")), "the input 'user' is not dense"),
    (with_ops(op("dot_interaction", *["e"] * 1450)), "its output would be 1050525 wide"),
    (with_ops(op("concat", *["x"] * 999, output="xs"), op("dot_interaction", *["xs"] * 200)), r"over 2\*\*26"),
    (with_ops(op("cross_low_rank", "e", weight="thin", projection="wide")), "'cross_low_rank' -> 'z': expected 2"),
    (with_ops(op("cross_low_rank", "e", "e", weight="thin")), "the weight '' is missing"),
    (with_ops(op("cross_low_rank", "e", "e", projection="wide")), "the weight '' is missing"),
    (with_ops(op("cross_low_rank", "e", "h", weight="thin", projection="wide")), "'e' and 'h' are 3 and 2 wide"),
    (with_ops(op("cross_low_rank", "e", "e", weight="thin", projection="w")), "'w' is .* 3 columns"),
    (with_ops(op("cross_low_rank", "e", "e", weight="wide", projection="wide")), "'wide' .* expected .* 2 columns"),
    (with_ops(op("cross_low_rank", "e", "e", weight="taller", projection="wide")), "'taller' has 4 rows, expected 3"),
    (with_ops(op("cross_low_rank", "e", "e", weight="thin", projection="wide", bias="b")), "'b' has 2 .* expected 3"),
    (with_ops(op("embedding_bag", "user", "recent", table="user")), "op 'embedding_bag' -> 'z': expected 1"),
    (with_ops(op("embedding_bag", "price", table="user")), "the input 'price' is dense, expected ids or a bag"),
    (with_ops(op("embedding_bag", "user", table="none")), "the table 'none' is missing"),
    (with_ops(op("embedding_bag", "user")), "the table '' is missing"),
    (with_ops(op("embedding_bag", "user", table="recent")), "'recent' has 5 rows, the feature 'user' needs 10"),
    (with_ops(op("embedding_bag", "user", table="user", pooling="median")), "unknown pooling 'median'"),
    (with_ops(op("concat", "user")), "op 'concat' -> 'z': the input 'user' is not dense"),
    (with_ops(op("sum", "recent")), "op 'sum' -> 'z': the input 'recent' is not dense"),
    (with_ops(op("linear", "h", weight="none")), "op 'linear' -> 'z': the weight 'none' is missing"),
    (with_ops(op("linear", "h")), "op 'linear' -> 'z': the weight '' is missing"),
    (with_ops(op("linear", "h", weight="w")), r"the weight 'w' is \[2, 10\], expected a matrix with 2 columns"),
    (with_ops(op("linear", "x", weight="flat")), r"the weight 'flat' is \[1, 10\], expected a matrix"),
    (with_ops(op("linear", "x", weight="empty")), r"the weight 'empty' is \[0, 10\], expected a matrix"),
    (with_ops(op("linear", "price", weight="tall")), "op 'linear' -> 'z': its output would be 1048577 wide"),
    (with_ops(op("linear", "h", weight="u", bias="b")), "the bias 'b' has 2 entries, expected 1"),
    (with_ops(op("linear", "h", weight="u", bias="u")), "the bias 'u' has 2 entries, expected 1"),
    (with_ops(op("linear", "h", weight="u", activation="gelu")), "unknown activation 'gelu'"),
    (with_ops(op("cross", "e", "h", weight="square")), "the inputs 'e' and 'h' are 3 and 2 wide; they must be equal"),
    (with_ops(op("cross", "x", "x", weight="w")), "the weight 'w' is not square"),
    (with_ops(op("fm", "e", "price")), "the inputs 'e' and 'price' are 3 and 1 wide"),
    (with_ops(op("sum", "e", "h")), "the inputs 'e' and 'h' are 3 and 2 wide"),
    (with_ops(op("sum", "h", shape="2")), "an op of the program has the unknown entry 'shape'"),
    (with_ops(output="none"), "the program's output 'none' is no slot"),
    (with_ops(output="h"), "the program's output 'h' is not one number"),
    (with_ops(output="user"), "the program's output 'user' is not one number"),
    (changed(inputs=PROGRAM["inputs"][1:]), "the schema's array 'user' is no input of the program"),
    (changed(inputs=[]), "is no input of the program"),
    (changed(inputs=[*PROGRAM["inputs"], PROGRAM["inputs"][0]]), "the program's input 'user' stands there twice"),
    (with_input(0, name="colour"), "the program's input 'colour' is no feature of the schema"),
    (with_input(0, side="item"), "input 0 is 'user', .* name, side, kind and width must agree"),
    (with_input(0, kind="bag"), "input 0 is 'user', .* name, side, kind and width must agree"),
    (with_input(3, width=4), "the weight 'w' is"),
    (with_input(3, width=-3), "overflows a size|wide"),
    (with_input(3, width=2**63), "an input's width is far too large"),
    (with_input(0, side="left"), "unknown side 'left'; the sides are request, item and pair"),
    (with_input(0, kind="text"), "unknown input kind 'text'; the kinds are ids, bag, weighted_bag and dense"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "message"), REFUSED, ids=[message[:50] for _, message in REFUSED])
def test_mistakes_are_refused(program: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compile_program(program)


MISTYPED: list[tuple[dict[str, Any], str]] = [
    (changed(ops={"op": "sum"}), "the program's ops is a list, got dict"),
    (changed(ops=[1]), "an op is a dict, got int"),
    (changed(ops=["sum"]), "an op is a dict, got str"),
    (changed(inputs=None), "the program's inputs is a list, got NoneType"),
    (changed(inputs=["user"]), "an input of the program is a dict, got str"),
    (changed(output=None), "the program's output is a string, got NoneType"),
    (with_ops(op("sum", 1)), "an op's input is a string, got int"),
    (with_ops({**op("sum"), "inputs": "h"}), "the inputs of an op is a list, got str"),
    (with_ops(op("sum", "h", output=1)), "the entry 'output' of an op is a string, got int"),
    (with_ops(op("linear", "h", weight=["u"])), "the entry 'weight' of an op is a string, got list"),
    (with_ops({**op("sum", "h"), 1: "x"}), "the name of an op's entry is a string, got int"),
    (with_input(0, name=1), "an input's name is a string, got int"),
    (with_input(0, side=True), "an input's side is a string, got bool"),
    (with_input(3, width="3"), "an input's width is a whole number, got str"),
    (with_input(3, width=3.0), "an input's width is a whole number, got float"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "message"), MISTYPED, ids=[message[:50] for _, message in MISTYPED])
def test_mistyped_entries_are_refused(program: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        compile_program(program)


@pytest.mark.parametrize("entry", ["inputs", "ops", "output"])
def test_missing_entries_are_key_errors(entry: str) -> None:
    with pytest.raises(KeyError, match=entry):
        compile_program({name: value for name, value in PROGRAM.items() if name != entry})


@pytest.mark.parametrize(
    "weight",
    [
        np.zeros((1, 2)),
        np.zeros((1, 2), ">f4"),
        np.zeros((2, 2), np.float32)[:, ::2].T,
        np.zeros((1, 1, 2), np.float32),
    ],
)
def test_weights_are_contiguous_float32(weight: Any) -> None:
    with pytest.raises(ValueError, match="the weight 'u' is no contiguous float32 vector or matrix"):
        compile_program(PROGRAM, u=weight)


def test_values_that_are_too_wide_together_are_refused() -> None:
    wide = np.zeros((2**19, 1), np.float32)
    ops = [op("linear", "price", output=f"z{i}", weight="wide") for i in range(9)]
    with pytest.raises(ValueError, match=r"too wide together: over 2\*\*22 numbers a row"):
        compile_program(with_ops(*ops), wide=wide)
    compile_program(with_ops(*ops[:7]), wide=wide)
    dots = [op("dot_interaction", *["e"] * 1448, output=f"z{i}") for i in range(4)]
    with pytest.raises(ValueError, match=r"too wide together: over 2\*\*22 numbers a row"):
        compile_program(with_ops(*dots))
    compile_program(with_ops(*dots[:3]))


def test_concats_of_concats_do_not_eat_the_memory() -> None:
    doubled = [
        op("concat", f"z{i}" if i else "price", f"z{i}" if i else "price", output=f"z{i + 1}") for i in range(20)
    ]
    with pytest.raises(ValueError, match="op 'concat' -> 'z21': its output would be 2097152 wide"):
        compile_program(with_ops(*doubled, op("concat", "z20", "z20", output="z21")))
    again = [op("concat", "z20", output=f"a{i}") for i in range(10_000)]
    with pytest.raises(ValueError, match=r"concats hold over 2\*\*22 parts together"):
        compile_program(with_ops(*doubled, *again))


def places(value: Any) -> list[list[Any]]:
    """Paths to everything inside of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [[], *([key, *path] for key, part in inner for path in places(part))]


NAMES = [
    "user",
    "recent",
    "price",
    "image",
    "e",
    "r",
    "x",
    "h",
    "y",
    "w",
    "b",
    "u",
    "square",
    "sum",
    "fm",
    "bag",
    "item",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 12) | st.integers() | st.floats() | st.sampled_from(NAMES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)


@given(data=st.data())
def test_damage_is_refused_with_an_ordinary_error_or_harmless(data: st.DataObject) -> None:
    program = copy.deepcopy(PROGRAM)
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(places(program)[1:]))
        parent: Any = program
        for key in path:
            parent = parent[key]
        if data.draw(st.booleans()):
            parent[last] = data.draw(JSON)
        else:
            del parent[last]
        if not places(program)[1:]:
            break
    try:
        executor = compile_program(program)
    except (ValueError, TypeError, KeyError):
        return
    assert executor.score(ROWS).shape == (2,)


def test_each_isa_can_be_asked_for() -> None:
    assert {compile_program(PROGRAM, isa=isa).isa for isa in _core.available_isas()} == set(_core.available_isas())
    assert compile_program(PROGRAM).isa == _core.selected_isa()
    with pytest.raises(ValueError, match="ISA 'sse9' is not available"):
        compile_program(PROGRAM, isa="sse9")


@pytest.mark.parametrize("isa", _core.available_isas())
def test_the_environment_chooses_the_isa_of_models(isa: str, shop_path: Any) -> None:
    code = f"import recfast; print(recfast.load({str(shop_path)!r}).isa)"
    environment = {**os.environ, "RECFAST_ISA": isa}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.split() == [isa]
