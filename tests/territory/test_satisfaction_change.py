"""Intervals, the word for a change, and the accounts that explain it, checked by hand."""

import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory.fulfilment import (
    OTHERS,
    Rate,
    causes,
    effective_count,
    order_facts,
    satisfaction,
    verdict,
    wilson,
)
from tests.territory.weeks import SUNDAY, day, market, rows

ORDER = (
    "order_id account_id ordered_on promised_on delivered_on ordered_amount delivered_amount "
    "cancelled_by"
)
LINE = "order_id line product_id ordered_units delivered_units unit_price cancelled_by"


def facts(orders: dict[str, list[object]], lines: dict[str, list[object]]) -> pd.DataFrame:
    found = order_facts(market(orders=orders, order_lines=lines), as_of=SUNDAY)
    return found.set_index("order_id")


def test_wilsons_interval_is_the_published_one() -> None:
    # 9 of 10 at 95 %: (0.5958, 0.9821), Newcombe 1998, table I, method 3 gives such ends
    low, high = wilson(Rate(share=0.9, count=10), z=1.959963984540054)
    assert [low, high] == pytest.approx([0.59585, 0.98212], abs=1e-5)
    assert wilson(Rate(share=0.0, count=0)) == (0.0, 1.0)
    assert wilson(Rate(share=1.0, count=5))[1] == pytest.approx(1.0)


def test_orders_of_one_size_count_as_many_as_they_are() -> None:
    assert effective_count(30.0, 300.0) == 3  # 3 orders of 10
    assert effective_count(110.0, 10_100.0) == pytest.approx(1.198, abs=1e-3)  # 100 and 10


def test_a_change_within_chance_is_no_change() -> None:
    assert verdict(Rate(share=0.8, count=20), Rate(share=0.9, count=160), orders=20) == "steady"
    assert verdict(Rate(share=0.5, count=40), Rate(share=0.9, count=160), orders=40) == "fell"
    assert verdict(Rate(share=1.0, count=90), Rate(share=0.8, count=160), orders=90) == "rose"
    assert verdict(Rate(share=0.0, count=9), Rate(share=0.9, count=160), orders=9) == "few orders"


def test_pure_noise_is_rarely_called_a_change() -> None:
    draw, calls = random.Random(5), 0
    for _ in range(400):
        now = sum(draw.random() < 0.85 for _ in range(30)) / 30
        before = sum(draw.random() < 0.85 for _ in range(240)) / 240
        word = verdict(Rate(share=now, count=30), Rate(share=before, count=240), orders=30)
        calls += word != "steady"
    assert calls <= 0.07 * 400


def test_what_the_account_called_off_is_asked_of_nobody() -> None:
    orders = rows(
        ORDER,
        ("gone", "A1", day(2), day(10), None, 100.0, None, "account"),
        ("lost", "A1", day(2), day(10), None, 100.0, None, "us"),
        ("part", "A1", day(2), day(10), day(10), 100.0, 60.0, ""),
        ("all lines", "A1", day(2), day(10), None, 50.0, None, ""),
        ("no price", "A1", day(2), day(10), day(10), 100.0, 75.0, ""),
        ("our line", "A1", day(2), day(10), day(10), 100.0, 100.0, ""),
    )
    lines = rows(
        LINE,
        ("part", 1, "P", 6.0, 6.0, 10.0, ""),
        ("part", 2, "Q", 4.0, 0.0, 10.0, "account"),
        ("all lines", 1, "P", 5.0, 0.0, 10.0, "account"),
        ("no price", 1, "P", 3.0, 3.0, None, ""),
        ("no price", 2, "P", 1.0, 0.0, None, "account"),
        ("our line", 1, "P", 5.0, 0.0, 10.0, "us"),
        ("our line", 2, "P", 5.0, 5.0, 10.0, ""),
    )
    told = facts(orders, lines)
    assert list(told.index) == ["lost", "part", "no price", "our line"]
    assert told["ordered"].to_dict() == {"lost": 100, "part": 60, "no price": 75, "our line": 100}
    assert told["is_in_full"].to_dict() == {
        "lost": False,
        "part": True,  # the four units called off are not missed
        "no price": True,  # a quarter of the units, so of the amount
        "our line": False,  # the amount is there, a line of ours is not
    }
    assert told["lines"].to_dict() == {"lost": 0, "part": 1, "no price": 1, "our line": 2}


def test_late_but_full_is_not_satisfied_and_has_its_own_figure() -> None:
    orders = rows(
        ORDER,
        ("late", "A1", day(2), day(10), day(11), 70.0, 70.0, ""),
        ("good", "A1", day(2), day(10), day(10), 30.0, 30.0, ""),
    )
    told = satisfaction(order_facts(market(orders=orders), as_of=SUNDAY), "account_id").loc["A1"]
    assert (told["satisfied"], told["late"], told["delivered"]) == (30, 70, 100)
    assert (told["satisfaction_percent"], told["delivered_percent"]) == (30, 100)
    assert told["low_percent"] < 30 < told["high_percent"]


def summed(*accounts: tuple[str, float, float]) -> pd.DataFrame:
    """``satisfaction`` by account: (id, ordered, satisfied)."""
    return pd.DataFrame(
        {
            "orders": [1] * len(accounts),
            "ordered": [ordered for _, ordered, _ in accounts],
            "satisfied": [satisfied for *_, satisfied in accounts],
        },
        index=[name for name, *_ in accounts],
    )


def test_mix_and_rate_of_two_accounts_by_hand() -> None:
    # before: A 50 of 50, B 25 of 50: 75 %. now: A 50 of 100, B 50 of 100: 50 %.
    told = causes(
        summed(("A", 100, 50), ("B", 100, 50)), summed(("A", 50, 50), ("B", 50, 25)), most=5
    ).set_index("account_id")
    assert told["mix_points"].tolist() == [0, 0]  # each has half, then and now
    assert told["points"].to_dict() == {"A": -25, "B": 0}
    # B orders three times as much as A and is served as badly as before: all of it is mix
    told = causes(
        summed(("A", 25, 25), ("B", 75, 37.5)), summed(("A", 50, 50), ("B", 50, 25)), most=5
    ).set_index("account_id")
    assert told["rate_points"].tolist() == [0, 0]
    assert told["points"].sum() == pytest.approx(62.5 - 75)


def test_accounts_that_came_or_went_are_mix() -> None:
    told = causes(summed(("new", 100, 0)), summed(("old", 10, 10)), most=5).set_index("account_id")
    assert told["rate_points"].tolist() == [0, 0]
    assert told["points"].sum() == pytest.approx(-100)
    assert told["percent_before"].isna().to_dict() == {"new": True, "old": False}


def test_a_period_without_orders_has_no_causes() -> None:
    assert len(causes(summed(), summed(("A", 1, 1)), most=5)) == 0


AMOUNTS = st.dictionaries(
    st.sampled_from("ABCDEFGH"),
    st.tuples(st.floats(1, 1e6), st.floats(0, 1)),
    min_size=1,
    max_size=8,
)


@given(AMOUNTS, AMOUNTS, st.integers(1, 4))
def test_the_parts_always_sum_to_the_change(
    now: dict[str, tuple[float, float]], before: dict[str, tuple[float, float]], most: int
) -> None:
    tables = [
        summed(*((name, ordered, ordered * share) for name, (ordered, share) in one.items()))
        for one in (now, before)
    ]
    told = causes(*tables, most=most)
    rates = [100 * table["satisfied"].sum() / table["ordered"].sum() for table in tables]
    assert told["points"].sum() == pytest.approx(rates[0] - rates[1], abs=1e-9)
    assert (told["mix_points"] + told["rate_points"]).to_list() == pytest.approx(
        told["points"].to_list()
    )
    assert len(told) <= most + 1
    assert (told["account_id"] == OTHERS).sum() == (len(set(now) | set(before)) > most)
