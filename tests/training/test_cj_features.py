from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from recfast_training.data.cj_rank import CjRank
from recfast_training.data.cj_samples import purchase_samples
from recfast_training.features.cj_rows import rows_for_task_b
from recfast_training.features.cj_serving import items_as_of, request_for, requests_for
from recfast_training.features.household_statistics import pair_statistics
from recfast_training.features.purchase_history import PurchaseHistory, index_history

WEEK = (49, 49)
FIRST_DAY = 330  # the Monday of week 49


@pytest.fixture(scope="module")
def rows(cj_history: PurchaseHistory) -> pa.Table:
    return rows_for_task_b(cj_history, "valid", WEEK)


def looked_up(rows: pa.Table, name: str, key: str, at: np.ndarray) -> np.ndarray:
    """What a map column holds for the key of the same row, NaN where it has no such key."""
    found = [
        dict(entries).get(value, np.nan)
        for entries, value in zip(rows[name].take(at).to_pylist(), rows[key].take(at).to_pylist(), strict=True)
    ]
    return np.array(found, np.float32)


def test_maps_agree_with_the_statistics_of_the_pair(cj_history: PurchaseHistory, rows: pa.Table) -> None:
    samples = purchase_samples(cj_history.split, "valid", WEEK)
    at = np.random.default_rng(1).choice(samples.height, 300, replace=False)
    household, item, day = (samples[name].to_numpy()[at].astype(np.int64) for name in ("household", "item", "day"))
    for name, expected in pair_statistics(cj_history, household, item, day).items():
        key = {"product": "product_id", "type": "type_id", "maker": "maker_id"}[name.partition("_")[0]]
        np.testing.assert_array_equal(looked_up(rows, name, key, at), expected.astype(np.float32), err_msg=name)


def test_request_columns_are_encoded_once_per_household_day_or_store_week(rows: pa.Table) -> None:
    household_days = pl.DataFrame({"h": rows["household_id"].to_numpy(), "d": rows["day"].to_numpy()}).n_unique()
    stores = len(set(rows["store_id"].to_pylist()))
    for name, entries in (("product_since", household_days), ("store_lift", stores), ("mailer", stores)):
        encoded = rows[name].chunk(0)
        assert encoded.indices.type == pa.int32()
        assert encoded.type.value_type == pa.map_(pa.int64(), pa.float32())
        assert len(encoded.dictionary) == entries


def test_nothing_of_the_day_or_later_is_seen(cj_history: PurchaseHistory, rows: pa.Table) -> None:
    """Rewriting every purchase from the first day on leaves that day's rows as they were."""
    day = FIRST_DAY
    split = cj_history.split
    rewritten = index_history(replace(split, valid=_rewritten(split.valid), test=_rewritten(split.test)))
    samples = purchase_samples(split, "valid", WEEK)
    at = np.flatnonzero(samples["day"].to_numpy() == day)
    expected = rows.take(at)
    assert expected.num_rows > 1000
    items = items_as_of(rewritten, day)
    row_of_product = {product: row for row, product in enumerate(items["product_id"].to_pylist())}
    of_rows = items.take([row_of_product[product] for product in expected["product_id"].to_pylist()])
    for name in items.column_names:
        np.testing.assert_array_equal(of_rows[name].to_pylist(), expected[name].to_pylist(), err_msg=name)
    households = sorted(set(expected["household_id"].to_pylist()))[:40]
    requests = requests_for(rewritten, households, day)
    first_row = {household: row for row, household in reversed(list(enumerate(expected["household_id"].to_pylist())))}
    of_requests = expected.take([first_row[household] for household in households])
    for name in requests.column_names:
        if name.startswith(("household", "product", "type", "maker")):
            assert repr(requests[name].to_pylist()) == repr(of_requests[name].to_pylist()), name


def _rewritten(purchases: pl.DataFrame) -> pl.DataFrame:
    """Other items, at other prices, in other stores."""
    return purchases.with_columns(
        item=(pl.col("item") * 7 + 11) % 12_380,
        sales_value=pl.lit(40.0),
        retail_disc=pl.lit(9.0),
        store_id=pl.lit(2, pl.Int64),
    )


def test_no_column_holds_the_rows_own_price(rows: pa.Table) -> None:
    assert not {"sales_value", "quantity", "retail_disc", "coupon_disc", "coupon_match_disc"} & set(rows.column_names)


def test_missing_answers_are_null(rows: pa.Table) -> None:
    assert rows["age"].null_count > rows.num_rows / 4


def test_requests_know_the_week_before_and_the_usual_store(cj_history: PurchaseHistory) -> None:
    household_id = int(cj_history.split.households["household_id"][5])
    request = request_for(cj_history, household_id, 344)
    earlier = cj_history.split.before("test").filter(pl.col("household") == 5)
    stores = earlier.unique("basket", maintain_order=True)["store_id"].tail(10)
    assert request["store_id"] in stores.mode().to_list()
    assert request["dow"] == 1
    in_mailer = cj_history.promotions.filter(
        (pl.col("store_id") == request["store_id"]) & (pl.col("week") == 50) & (pl.col("mailer") != "0")
    )
    assert request["mailer"] == dict.fromkeys(in_mailer["product_id"].to_list(), 1.0)
    assert set(request["product_since"]) == set(earlier["product_id"].to_list())


def test_unknown_households_are_named(cj_history: PurchaseHistory) -> None:
    with pytest.raises(KeyError, match="99999"):
        requests_for(cj_history, [1, 99999], 344)


def test_schema_reads_columns_that_exist(rows: pa.Table, cj_split: CjRank) -> None:
    from recfast_training.features.cj_schema import cj_schema

    schema = cj_schema()
    assert set(schema.request_columns + schema.item_columns) <= set(rows.column_names)
    assert schema.pair_columns == ()
