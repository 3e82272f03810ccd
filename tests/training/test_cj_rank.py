from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from recfast_training.data import complete_journey
from recfast_training.data.cj_rank import CjRank, Part
from recfast_training.data.cj_recommendation import recommendation_task
from recfast_training.data.cj_samples import purchase_samples

PARTS: tuple[Part, ...] = ("train", "valid", "test")


def test_cleaning_counts(cj_split: CjRank) -> None:
    report = cj_split.report
    assert report.rows_raw == 1_469_307
    assert report.zero_quantity == 8_869
    assert report.not_a_product == 19_761
    assert report.rows_clean == 1_440_677
    assert (report.nulls, report.duplicates, report.negative_quantity, report.negative_sales) == (0, 0, 0, 0)
    assert report.large_quantity_kept == 1
    assert "1,440,677 clean rows" in str(report)


def test_split_counts(cj_split: CjRank) -> None:
    assert cj_split.items.height == 12_380
    assert cj_split.households.height == 2_314
    assert [cj_split.part(part).height for part in PARTS] == [1_095_066, 46_241, 65_570]


def test_split_is_by_local_monday(cj_split: CjRank) -> None:
    for part, last_sunday in (("train", 329), ("valid", 343), ("test", 364)):
        assert cj_split.part(part)["day"].max() == last_sunday
    assert cj_split.valid["day"].min() == 330
    assert cj_split.test["day"].min() == 344


@pytest.mark.parametrize(
    ("part", "households", "pairs", "households_new", "pairs_new"),
    [("valid", 1_640, 42_885, 1_585, 19_755), ("test", 1_802, 58_946, 1_755, 28_940)],
)
def test_recommendation_counts(
    cj_split: CjRank,
    part: Literal["valid", "test"],
    households: int,
    pairs: int,
    households_new: int,
    pairs_new: int,
) -> None:
    task = recommendation_task(cj_split, part)
    everything, new = task.pairs("all"), task.pairs("new")
    assert (everything["household"].n_unique(), everything.height) == (households, pairs)
    assert (new["household"].n_unique(), new.height) == (households_new, pairs_new)


@pytest.mark.parametrize(("part", "rows"), [("train", 911_220), ("valid", 231_205), ("test", 327_850)])
def test_sample_counts(cj_split: CjRank, part: Part, rows: int) -> None:
    samples = purchase_samples(cj_split, part)
    assert samples.height == rows
    assert samples["label"].sum() * 5 == rows


def test_negatives_were_not_bought_that_day_and_are_distinct_in_a_basket(cj_split: CjRank) -> None:
    samples = purchase_samples(cj_split, "valid")
    negatives = samples.filter(pl.col("label") == 0)
    assert negatives.join(cj_split.valid, on=["household", "day", "item"], how="semi").height == 0
    assert not negatives.select("basket", "item").is_duplicated().any()


def test_fewer_weeks_are_a_filter_of_the_same_draw(cj_split: CjRank) -> None:
    everything = purchase_samples(cj_split, "train")
    assert purchase_samples(cj_split, "train", (45, 48)).equals(everything.filter(pl.col("week") >= 45))


def test_weeks_of_another_part_are_refused(cj_split: CjRank) -> None:
    with pytest.raises(ValueError, match=r"expected weeks within \(41, 48\) for part 'train', got \(40, 48\)"):
        purchase_samples(cj_split, "train", (40, 48))


@pytest.mark.parametrize("part", PARTS)
def test_samples_equal_the_protocol_row_by_row(cj_split: CjRank, protocol_tables: Path, part: Part) -> None:
    expected = pl.read_parquet(protocol_tables / f"taskB_{part}.parquet")
    expected = expected.rename({"u": "household", "i": "item", "b": "basket"})
    samples = purchase_samples(cj_split, part)
    assert samples.equals(expected.select(samples.columns))


@pytest.mark.parametrize("part", PARTS)
def test_purchases_equal_the_protocol_row_by_row(cj_split: CjRank, protocol_tables: Path, part: Part) -> None:
    expected = pl.read_parquet(protocol_tables / f"{part}.parquet")
    expected = expected.rename({"u": "household", "i": "item", "b": "basket"})
    assert cj_split.part(part).equals(expected.select(cj_split.part(part).columns))


@pytest.mark.parametrize("part", ["valid", "test"])
def test_truth_equals_the_protocol_row_by_row(
    cj_split: CjRank, protocol_tables: Path, part: Literal["valid", "test"]
) -> None:
    expected = pl.read_parquet(protocol_tables / f"taskA_{part}.parquet")
    truth = recommendation_task(cj_split, part).truth
    assert truth.equals(expected.select(household="u", item="i", is_new="is_new"))


def test_items_and_households_equal_the_protocol(cj_split: CjRank, protocol_tables: Path) -> None:
    items = pl.read_parquet(protocol_tables / "items.parquet").rename({"i": "item"})
    households = pl.read_parquet(protocol_tables / "users.parquet").rename({"u": "household"})
    assert cj_split.items.equals(items.select(cj_split.items.columns))
    assert cj_split.households.equals(households.select(cj_split.households.columns))


def test_a_missing_data_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"recfast\[demo\]"):
        complete_journey.data_folder()
