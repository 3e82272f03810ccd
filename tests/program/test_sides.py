"""Whatever the sides, the split changes nothing: score, rank of resident and of fresh items, on every ISA."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf

from .random_programs import Case, assert_split_exact, cases, inputs_of

SIZES = st.sampled_from([1, 2, 5, 6, 7, 12, 13, 97, 193])  # around the row blocks of the kernels and the tiles


@settings(max_examples=150)
@given(case=cases(), size=SIZES, seed=st.integers(0, 2**32))
def test_random_programs(case: Case, size: int, seed: int) -> None:
    assert_split_exact(case, size, seed)


def vectors(sides: str, width: int) -> rf.Schema:
    """One vector per letter: r, i, p."""
    features: dict[str, list[Any]] = {"r": [], "i": [], "p": []}
    for n, side in enumerate(sides):
        features[side].append(rf.Vector(f"v{n}", dim=width))
    return rf.Schema(request=features["r"], item=features["i"], pair=features["p"], key="sku")


def case_of(schema: rf.Schema, ops: list[dict[str, Any]], output: str, seed: int = 0, **shapes: Any) -> Case:
    rng = np.random.default_rng(seed)
    weights = {n: (rng.normal(size=s) / np.sqrt(s[-1])).astype(np.float32) for n, s in shapes.items()}
    return Case(schema, {"inputs": inputs_of(schema), "ops": ops, "output": output}, {}, weights)


SIDES = ["r", "i", "p", "ri", "rp", "ip", "rip", "rrip", "pir", "irr", "ppi"]


@pytest.mark.parametrize("width", [1, 7, 16, 85, 163])
@pytest.mark.parametrize("sides", SIDES)
def test_linear_over_mixed_sides(sides: str, width: int) -> None:
    schema = vectors(sides, width)
    names = [f"v{n}" for n in range(len(sides))]
    ops = [
        {"op": "concat", "inputs": [*names, names[0]], "output": "x"},
        {"op": "linear", "inputs": ["x"], "output": "h", "weight": "w", "bias": "b", "activation": "relu"},
        {"op": "linear", "inputs": ["h"], "output": "y", "weight": "u"},
    ]
    assert_split_exact(case_of(schema, ops, "y", w=(17, width * (len(sides) + 1)), b=(17,), u=(1, 17)), 7, 1)


@pytest.mark.parametrize("width", [1, 7, 16, 85])
@pytest.mark.parametrize("sides", SIDES)
def test_fm_over_mixed_sides(sides: str, width: int) -> None:
    schema = vectors(sides, width)
    names = [f"v{n}" for n in range(len(sides))]
    assert_split_exact(case_of(schema, [{"op": "fm", "inputs": names, "output": "y"}], "y"), 7, 2)
    assert_split_exact(case_of(schema, [{"op": "fm", "inputs": [*names, names[-1]], "output": "y"}], "y"), 7, 3)


def two_of(sides: str) -> str:
    return sides if len(sides) > 1 else sides * 2


@pytest.mark.parametrize("width", [1, 7, 16, 85])
@pytest.mark.parametrize("sides", [*map(two_of, SIDES), "r" * 11 + "i" * 7 + "pp", "ripripririr" * 2, "r" * 17 + "i"])
def test_dot_interaction_over_mixed_sides(sides: str, width: int) -> None:
    names = [f"v{n}" for n in range(len(sides))]
    vectors_of = [*names, names[0]]
    pairs = len(vectors_of) * (len(vectors_of) - 1) // 2
    ops = [
        {"op": "dot_interaction", "inputs": vectors_of, "output": "dots"},
        {"op": "concat", "inputs": ["dots", names[-1]], "output": "x"},
        {"op": "linear", "inputs": ["x"], "output": "h", "weight": "w", "activation": "relu"},
        {"op": "linear", "inputs": ["h"], "output": "y", "weight": "u"},
    ]
    assert_split_exact(case_of(vectors(sides, width), ops, "y", w=(17, pairs + width), u=(1, 17)), 7, 8)


def test_dot_interaction_of_vectors_that_are_of_several_sides() -> None:
    ops = [
        {"op": "concat", "inputs": ["v0", "v1"], "output": "a"},
        {"op": "concat", "inputs": ["v2", "v0"], "output": "b"},
        {"op": "concat", "inputs": ["v1", "v1"], "output": "c"},
        {"op": "dot_interaction", "inputs": ["a", "c", "b", "a"], "output": "dots"},
        {"op": "linear", "inputs": ["dots"], "output": "y", "weight": "u"},
    ]
    assert_split_exact(case_of(vectors("rip", 9), ops, "y", u=(1, 6)), 7, 9)


@pytest.mark.parametrize("sides", SIDES)
def test_cross_low_rank_over_mixed_sides(sides: str) -> None:
    width = 5 * len(sides)
    ops = [
        {"op": "concat", "inputs": [f"v{n}" for n in range(len(sides))], "output": "x"},
        {"op": "cross_low_rank", "inputs": ["x", "x"], "output": "c1", "projection": "v1", "weight": "u1", "bias": "b"},
        {"op": "cross_low_rank", "inputs": ["x", "c1"], "output": "c2", "projection": "v2", "weight": "u2"},
        {"op": "linear", "inputs": ["c2"], "output": "y", "weight": "u"},
    ]
    shapes = {"v1": (3, width), "u1": (width, 3), "b": (width,), "v2": (17, width), "u2": (width, 17), "u": (1, width)}
    assert_split_exact(case_of(vectors(sides, 5), ops, "y", **shapes), 7, 10)


@pytest.mark.parametrize("sides", SIDES)
def test_sum_and_cross_over_mixed_sides(sides: str) -> None:
    schema = vectors(sides, 5)
    names = [f"v{n}" for n in range(len(sides))]
    width = 5 * len(sides)
    ops = [
        {"op": "concat", "inputs": names, "output": "x"},
        {"op": "cross", "inputs": ["x", "x"], "output": "c1", "weight": "w1", "bias": "b1"},
        {"op": "cross", "inputs": ["x", "c1"], "output": "c2", "weight": "w2"},
        {"op": "sum", "inputs": ["x", "c2", "x", "c1"], "output": "s"},
        {"op": "sum", "inputs": names[::-1], "output": "t"},
        {"op": "sum", "inputs": ["t"], "output": "t1"},
        {"op": "concat", "inputs": ["s", "t1"], "output": "all"},
        {"op": "linear", "inputs": ["all"], "output": "y", "weight": "u"},
    ]
    case = case_of(schema, ops, "y", w1=(width, width), b1=(width,), w2=(width, width), u=(1, width + 5))
    assert_split_exact(case, 7, 4)


@pytest.mark.parametrize("sides", ["ri", "ir", "rp", "ip", "pi"])
@pytest.mark.parametrize("op", ["cross", "cross_low_rank"])
def test_cross_of_two_sides(op: str, sides: str) -> None:
    rank = {"cross": 9, "cross_low_rank": 2}[op]
    project = {"projection": "v"} if op == "cross_low_rank" else {}
    ops = [
        {"op": op, "inputs": ["v0", "v1"], "output": "c", "weight": "w", **project},
        {"op": "linear", "inputs": ["c"], "output": "y", "weight": "u"},
    ]
    assert_split_exact(case_of(vectors(sides, 9), ops, "y", w=(9, rank), v=(rank, 9), u=(1, 9)), 7, 5)


@pytest.mark.parametrize("side", "rip")
def test_the_output_may_be_an_input(side: str) -> None:
    assert_split_exact(case_of(vectors(side, 1), [], "v0"), 7, 6)


def test_one_side_only_is_stored_only_where_it_is_needed() -> None:
    ops = [{"op": "linear", "inputs": ["v0"], "output": "y", "weight": "u"}]
    case = case_of(vectors("i", 163), ops, "y", u=(1, 163))
    assert case.executor().item_width == 16  # one number, padded: the input itself is not stored


def test_an_item_stores_its_vectors_and_what_they_give_to_the_first_layer() -> None:
    ops = [
        {"op": "dot_interaction", "inputs": [f"v{n}" for n in range(6)], "output": "dots"},
        {"op": "linear", "inputs": ["dots"], "output": "h", "weight": "w", "activation": "relu"},
        {"op": "linear", "inputs": ["h"], "output": "y", "weight": "u"},
    ]
    case = case_of(vectors("rriiii", 16), ops, "y", w=(32, 15), u=(1, 32))
    assert case.executor().item_width == 4 * 16 + 32  # and not the 6 dot products of pairs of items


def test_a_low_rank_cross_stores_rank_numbers_of_the_product() -> None:
    ops = [
        {"op": "concat", "inputs": ["v0", "v1"], "output": "x"},
        {"op": "cross_low_rank", "inputs": ["x", "x"], "output": "c", "weight": "w", "projection": "v"},
        {"op": "linear", "inputs": ["c"], "output": "y", "weight": "u"},
    ]
    case = case_of(vectors("ri", 64), ops, "y", w=(128, 16), v=(16, 128), u=(1, 128))
    assert case.executor().item_width == 64 + 16  # x0 itself and its projection
