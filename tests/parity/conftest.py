from __future__ import annotations

import pytest

from recfast_training.features.purchase_history import PurchaseHistory

from .shop_day import ShopDay, shop_day


@pytest.fixture(scope="session")
def day(cj_history: PurchaseHistory) -> ShopDay:
    """Every labelled row of one real day."""
    return shop_day(cj_history)
