from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

from .definitions import columns_of, encode_one, float32, is_missing, item_schema, numbers

MODERATE = st.floats(-1e6, 1e6)


def plain(x: float | None, steps: list[rf.Transform]) -> tuple[float, float]:
    """The value and the missing indicator."""
    if is_missing(x):
        return 0.0, 1.0
    y = float(x)
    for step in steps:
        if step.name == "log1p":
            y = math.copysign(math.log1p(abs(y)), y)
        elif step.name == "standardise":
            y = (y - step.parameters[0]) * step.parameters[1]
        else:
            y = min(max(y, step.parameters[0]), step.parameters[1])
    y = float32(y)
    return (y, 0.0) if math.isfinite(y) else (0.0, 1.0)


STEPS = st.lists(
    st.one_of(
        st.just(rf.Transform("log1p")),
        st.tuples(MODERATE, st.floats(1e-6, 1e6)).map(lambda p: rf.Transform("standardise", p)),
        st.tuples(st.floats(-9, 0), st.floats(0, 9)).map(lambda p: rf.Transform("clip", p)),
    ),
    max_size=3,
)


@given(values=columns_of(numbers), steps=STEPS)
def test_the_value_is_transformed_and_missing_is_zero(values: list[Any], steps: list[rf.Transform]) -> None:
    schema = item_schema(rf.Numeric("price", transform=steps, missing_indicator=True))
    got = schema.encode({"price": values})
    expected = [plain(x, steps) for x in values]
    assert got["price"].dtype == got["price_missing"].dtype == np.float32
    assert got["price_missing"].tolist() == [missing for _, missing in expected]
    np.testing.assert_allclose(got["price"], [value for value, _ in expected], rtol=1e-6, atol=1e-45)


@given(values=columns_of(st.floats(width=32)))
def test_without_a_transform_it_is_the_identity(values: list[float | None]) -> None:
    got = encode_one(rf.Numeric("price"), values)
    assert got.tolist() == [0.0 if is_missing(x) else x for x in values]


@pytest.mark.parametrize("values", [[-1, 2**64 - 1], [-1.0, 1.8446744073709552e19]])
def test_integers_of_both_signs_keep_their_values(values: list[Any]) -> None:
    assert encode_one(rf.Numeric("price"), values).tolist() == [-1.0, 2.0**64]


def test_integers_beyond_float64_are_missing() -> None:
    schema = item_schema(rf.Numeric("price", missing_indicator=True))
    assert schema.encode({"price": [1.5, 10**400, -(10**400)]})["price_missing"].tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("values", "got"),
    [(["9.5"], "strings; convert the values with float"), ([[1.0]], "lists"), ([1.0, "x"], "objects of mixed types")],
)
def test_other_types_are_refused(values: list[Any], got: str) -> None:
    with pytest.raises(TypeError, match=f"^feature 'price': expected numbers, got Python {got}"):
        encode_one(rf.Numeric("price"), values)


@given(values=st.lists(MODERATE, min_size=1, max_size=50))
def test_fit_standardises_and_clips(values: list[float]) -> None:
    schema = item_schema(rf.Numeric("a", transform="standardise"), rf.Numeric("b", transform="clip"))
    fitted = schema.fit({"a": [*values, None, math.nan], "b": [*values, math.inf, None]})
    mean, scale = fitted.item[0].transform[0].parameters
    assert mean == pytest.approx(np.mean(values))
    assert scale == (pytest.approx(1 / np.std(values)) if np.std(values) > 1e-300 else 1.0)
    assert fitted.item[1].transform[0].parameters == pytest.approx(np.quantile(values, [0.001, 0.999]))
    assert schema.item[0].transform == ("standardise",)


def test_fit_learns_each_step_on_what_the_steps_before_give() -> None:
    x = [0.0, 1.0, 9.0, 99.0]
    steps = item_schema(rf.Numeric("a", transform=("log1p", "standardise"))).fit({"a": x}).item[0].transform
    assert steps[1].parameters[0] == pytest.approx(np.log1p(x).mean())


def test_fit_without_values_is_refused() -> None:
    schema = item_schema(rf.Numeric("a", transform="clip"))
    with pytest.raises(ValueError, match="feature 'a': the transform 'clip' has no value to learn from"):
        schema.fit({"a": [None, math.nan]})


def test_fit_of_values_too_large_to_square_is_refused() -> None:
    schema = item_schema(rf.Numeric("a", transform="standardise"))
    with pytest.raises(ValueError, match="feature 'a': the values are too large to standardise; use log1p or clip"):
        schema.fit({"a": [1e308, 1.7e308, -1e308]})


def test_an_unfitted_transform_is_refused_on_use() -> None:
    with pytest.raises(ValueError, match=r"\['a'\] need data before use: call schema.fit"):
        encode_one(rf.Numeric("a", transform="standardise"), [1.0])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: rf.Numeric("a", transform="log"), ValueError, "feature 'a': unknown transform 'log'"),
        (lambda: rf.Numeric("a", transform=[1]), TypeError, "feature 'a': a transform is a name or a Transform"),
        (lambda: rf.Numeric("a", missing_indicator="yes"), TypeError, "feature 'a': missing_indicator is True or"),
        (lambda: rf.Transform("log"), ValueError, "unknown transform 'log'"),
        (lambda: rf.Transform("clip", (1.0,)), ValueError, "has 2 parameters, got 1"),
        (lambda: rf.Transform("clip", (0.0, math.inf)), ValueError, "finite numbers"),
        (lambda: rf.Transform("standardise", (math.nan, 1.0)), ValueError, "finite numbers"),
    ],
)
def test_arguments_are_checked(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
