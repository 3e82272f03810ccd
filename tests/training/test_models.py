from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import Any

import pytest
import torch

import recfast as rf
import recfast_training
from recfast_training.batches import tensors
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM, ItemBias, NetworkConfig

from .toy import fitted, shop

ROWS = shop(20)
MODELS = [DeepFM, DCNv2, partial(DCNv2, rank=2), DLRM, MLP]


@pytest.mark.parametrize("kind", MODELS)
def test_models_take_what_encode_returns_and_give_logits(kind: Any) -> None:
    schema = fitted(ROWS)
    model = kind(schema)
    encoded = tensors(recfast_training.encode(schema, ROWS))
    logits = model(encoded)
    assert logits.shape == (20,)
    assert logits.dtype == torch.float32
    narrow = {name: t.int() if t.dtype == torch.int64 else t for name, t in encoded.items()}
    assert torch.equal(model(narrow), logits)


@pytest.mark.parametrize("kind", MODELS)
def test_no_rows_give_no_logits(kind: Any) -> None:
    schema = fitted(ROWS)
    empty = {name: array[:0] for name, array in tensors(recfast_training.encode(schema, ROWS)).items()}
    assert kind(schema).eval()(empty).shape == (0,)


@pytest.mark.parametrize("kind", MODELS)
def test_the_same_seed_gives_the_same_weights_and_leaves_torch_alone(kind: Any) -> None:
    schema = fitted(ROWS)
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    models = [kind(schema, config=NetworkConfig(seed=seed)) for seed in (1, 1, 2)]
    assert torch.equal(torch.rand(3), expected)
    a, b, c = (model.embedding.weight for model in models)
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_deepfm_counts() -> None:
    schema = rf.Schema(item=[rf.Categorical("a", buckets=9), rf.Categorical("b", buckets=4), rf.Numeric("x")], key="k")
    model = DeepFM(schema, dim=4, hidden=(8, 2))
    dense = 9 * 8 + 8 * 2 + 2 * 1 + 1 * 1  # hidden layers, head, first-order weight of x
    assert model.flops() == dense
    assert model.num_parameters() == dense + (8 + 2 + 1 + 1) + 15 * (4 + 1)


def test_dcnv2_counts() -> None:
    schema = rf.Schema(item=[rf.Categorical("a", buckets=9), rf.Numeric("x")], key="k")
    model = DCNv2(schema, dim=4, cross_layers=2, hidden=(8,))
    assert model.flops() == 2 * 5 * 5 + 5 * 8 + (5 + 8)
    assert model.num_parameters() == model.flops() + (2 * 5 + 8 + 1) + 10 * 4


def test_low_rank_dcnv2_counts() -> None:
    schema = rf.Schema(item=[rf.Categorical("a", buckets=9), rf.Numeric("x")], key="k")
    model = DCNv2(schema, dim=4, cross_layers=2, hidden=(8,), rank=3)
    assert model.flops() == 2 * (5 * 3 + 3 * 5) + 5 * 8 + (5 + 8)
    assert model.num_parameters() == model.flops() + (2 * 5 + 8 + 1) + 10 * 4
    assert model.architecture()["rank"] == 3


def test_mlp_counts() -> None:
    schema = rf.Schema(item=[rf.Categorical("a", buckets=9), rf.Numeric("x")], key="k")
    model = MLP(schema, dim=4, hidden=(8, 2))
    assert model.flops() == 5 * 8 + 8 * 2 + 2
    assert model.num_parameters() == model.flops() + (8 + 2 + 1) + 10 * 4
    assert [op["op"] for op in model.emit().program["ops"]] == ["embedding_bag", "concat", *["linear"] * 3]


def test_dlrm_counts() -> None:
    schema = rf.Schema(
        request=[rf.Categorical("a", buckets=9), rf.Numeric("x")], item=[rf.Categorical("b", buckets=4)], key="k"
    )
    model = DLRM(schema, dim=4, bottom=(6,), top=(8,))
    assert model.flops() == (1 * 6 + 6 * 4) + (4 + 3) * 8 + 8
    assert model.num_parameters() == model.flops() + (6 + 4 + 8 + 1) + 15 * 4
    assert (model.bottom, model.top) == ({"request": (6,)}, (8,))
    again = DLRM(schema, dim=4, bottom=model.bottom, top=model.top)
    assert again.architecture() == model.architecture()


def test_dlrm_sorts_its_vectors_by_side() -> None:
    ops = DLRM(fitted(ROWS), dim=4).emit().program["ops"]
    (dots,) = (op for op in ops if op["op"] == "dot_interaction")
    assert dots["inputs"] == ["user/e", "recent/e", "bottom.item.last", "brand/e", "age/e", "bottom.pair.last"]
    (x,) = (op for op in ops if op["output"] == "x")
    assert x["inputs"] == ["bottom.item.last", "bottom.pair.last", "dots"]


def test_bad_sides_of_dlrm_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two vectors or more, the schema gives 1"):
        DLRM(rf.Schema(item=[rf.Numeric("x"), rf.Vector("v", dim=9)], key="k"))
    with pytest.raises(ValueError, match=r"\['request'\]; the sides with numbers are \['item', 'pair'\]"):
        DLRM(fitted(ROWS), bottom={"request": (8,)})
    with pytest.raises(ValueError, match=r"at least 1, got \(8, 0, 8, 4\)"):
        DLRM(fitted(ROWS), bottom={"item": (8, 0), "pair": (8,)}, top=(4,))


@pytest.mark.parametrize(("rank", "layers"), [(0, 3), (-1, 3), (6, 3), (2, 0)])
def test_bad_ranks_are_refused(rank: int, layers: int) -> None:
    schema = rf.Schema(item=[rf.Categorical("a", buckets=9), rf.Numeric("x")], key="k")
    with pytest.raises(ValueError, match=rf"1 to 5 .* got rank={rank} and cross_layers={layers}"):
        DCNv2(schema, dim=4, cross_layers=layers, rank=rank)
    assert DCNv2(schema, dim=4, rank=5)


def test_the_program_names_weights_tables_and_sides() -> None:
    schema = rf.Schema(request=[rf.Categorical("user", buckets=9)], item=[rf.Categorical("brand", buckets=4)], key="k")
    program, weights, tables = DeepFM(schema, dim=4, hidden=(8,)).emit()
    assert program["inputs"] == [
        {"name": "user", "side": "request", "kind": "ids"},
        {"name": "brand", "side": "item", "kind": "ids"},
    ]
    assert [op["op"] for op in program["ops"]] == ["embedding_bag"] * 4 + ["fm", "concat", "linear", "linear", "sum"]
    assert {name: array.shape for name, array in tables.items()} == {
        "user": (10, 4),
        "brand": (5, 4),
        "user.linear": (10, 1),
        "brand.linear": (5, 1),
    }
    assert weights["deep.0.weight"].shape == (8, 8)
    assert program["output"] == program["ops"][-1]["output"]


def test_slot_names_do_not_clash_with_features() -> None:
    names = ["x", "x/e", "logit", "fm", "first", "deep.0", "x.linear/e"]
    schema = rf.Schema(item=[rf.Categorical(name, buckets=3) for name in names], key="k")
    program = DeepFM(schema, dim=2, hidden=(4,)).emit().program
    slots = [i["name"] for i in program["inputs"]] + [op["output"] for op in program["ops"]]
    assert len(set(slots)) == len(slots)


def test_item_bias_adds_alpha_times_the_feature() -> None:
    schema = fitted(ROWS)
    encoded = tensors(recfast_training.encode(schema, ROWS))
    model = DeepFM(schema).eval()
    torch.testing.assert_close(ItemBias(model, "price", 2.0)(encoded), model(encoded) + 2 * encoded["price"])


@pytest.mark.parametrize("feature", ["user", "bought", "brand", "price_missing", "nothing"])
def test_item_bias_wants_an_item_numeric(feature: str) -> None:
    with pytest.raises(ValueError, match=r"one of \['price'\]"):
        ItemBias(DeepFM(fitted(ROWS)), feature, 1.0)


def test_bad_sizes_are_refused() -> None:
    schema = rf.Schema(item=[rf.Numeric("x")], key="k")
    with pytest.raises(ValueError, match="dim is at least 1"):
        DeepFM(schema, dim=0)
    with pytest.raises(ValueError, match="hidden widths are at least 1"):
        DCNv2(schema, hidden=(8, 0))
    with pytest.raises(ValueError, match="cross layers or hidden layers"):
        DCNv2(schema, cross_layers=0, hidden=())
    with pytest.raises(ValueError, match="dropout"):
        NetworkConfig(dropout=1.0)
    with pytest.raises(ValueError, match="embedding_dropout"):
        NetworkConfig(embedding_dropout=-0.1)
    with pytest.raises(ValueError, match="no features"):
        DeepFM(rf.Schema(key="k"))
    with pytest.raises(ValueError, match="alpha"):
        ItemBias(DeepFM(rf.Schema(item=[rf.Numeric("x")], key="k")), "x", float("nan"))


def test_without_torch_the_import_names_the_extra() -> None:
    code = "import sys; sys.modules['torch'] = None; import recfast_training"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert 'ImportError: recfast_training needs torch: pip install "recfast[train]"' in done.stderr
