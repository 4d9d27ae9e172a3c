"""Which records become one company: small worlds, decisions, order, constraints."""

import numpy as np
import pandas as pd
import pytest

from territory.errors import InputError
from territory.survey.resolve import Decision, resolve
from tests.territory.resolve.worlds import companies, record, town

KAPPELI = (
    record("yellow_pages", "1", "Ravintola Kappeli", phone="+358 9 612 6200"),
    record("visit", "7", "Rav. Kappeli Oy", phone="(09) 6126200", east=8),
    record("history", "3", "RAVINTOLA KAPPELI", east=3),
)
BAKERY = record("yellow_pages", "2", "Leipomo Ahlgren", phone="+358 9 555 1234", east=30)


def test_three_sources_spelling_one_company_differently_become_one():
    found = resolve(town(*KAPPELI, BAKERY))
    assert companies(found) == {
        frozenset({"yellow_pages:1", "visit:7", "history:3"}),
        frozenset({"yellow_pages:2"}),
    }
    assert found.companies["company_id"].tolist() == ["yellow_pages:1", "yellow_pages:2"]


def test_the_order_of_rows_changes_nothing():
    frame = town(*KAPPELI, BAKERY)
    first = resolve(frame)
    for seed in range(4):
        mixed = resolve(frame.sample(frac=1, random_state=seed))
        pd.testing.assert_frame_equal(mixed.companies, first.companies)
        pd.testing.assert_frame_equal(mixed.pairs, first.pairs)
        pd.testing.assert_frame_equal(mixed.review, first.review)


def test_a_company_keeps_its_id_when_a_record_joins_it():
    before = resolve(town(*KAPPELI[:2], BAKERY)).companies["company_id"].tolist()
    after = resolve(town(*KAPPELI, BAKERY)).companies["company_id"].tolist()
    assert before == after == ["yellow_pages:1", "yellow_pages:2"]


def test_shops_of_a_chain_with_other_telephones_stay_apart():
    found = resolve(
        town(
            record("yellow_pages", "1", "K-Market", brand="K-Market", phone="09 111111"),
            record("visit", "2", "K-Market", brand="K-Market", phone="09 222222", east=120),
        )
    )
    assert len(companies(found)) == 2


def test_a_record_without_telephone_joins_the_shop_of_the_chain_it_stands_on():
    found = resolve(
        town(
            record("yellow_pages", "1", "K-Market", brand="K-Market", phone="09 111111"),
            record("yellow_pages", "2", "K-Market", brand="K-Market", phone="09 222222", east=120),
            record("visit", "3", "K-Market", brand="K-Market", east=118),
        )
    )
    assert companies(found) == {
        frozenset({"yellow_pages:1"}),
        frozenset({"yellow_pages:2", "visit:3"}),
    }


def test_a_record_half_way_between_two_shops_is_left_to_a_person():
    found = resolve(
        town(
            record("yellow_pages", "1", "K-Market", brand="K-Market", phone="09 111111"),
            record("yellow_pages", "2", "K-Market", brand="K-Market", phone="09 222222", east=60),
            record("visit", "3", "K-Market", brand="K-Market", east=30),
        )
    )
    assert len(companies(found)) == 3
    listed = found.review[found.review["right"] == "visit:3"]
    reasons = listed["reasons"].tolist()
    assert set(listed["left"]) == {"yellow_pages:1", "yellow_pages:2"}
    assert all("30 m apart" in reason and "one chain" in reason for reason in reasons)


def test_what_one_source_lists_twice_stays_apart_without_strong_evidence():
    apart = town(
        record("yellow_pages", "1", "Cafe Ursula"),
        record("yellow_pages", "2", "Cafe Ursulaa", east=45),
    )
    assert len(companies(resolve(apart))) == 2
    strong = apart.assign(phone="+358 9 652 817", lon=apart["lon"].iloc[0])
    assert len(companies(resolve(strong))) == 1


def test_decisions_win_over_every_score():
    frame = town(*KAPPELI, BAKERY)
    split = Decision(verdict="different", left=("yellow_pages", "1"), right=("visit", "7"))
    joined = Decision(verdict="same", left=("history", "3"), right=("yellow_pages", "2"))
    found = companies(resolve(frame, decisions=[split, joined]))
    assert not any({"yellow_pages:1", "visit:7"} <= company for company in found)
    assert any({"history:3", "yellow_pages:2"} <= company for company in found)


def test_a_merge_is_undone_by_a_decision_and_done_again_without_it():
    frame = town(*KAPPELI[:2])
    split = Decision(verdict="different", left=("visit", "7"), right=("yellow_pages", "1"))
    assert len(companies(resolve(frame))) == 1
    assert len(companies(resolve(frame, decisions=[split]))) == 2
    assert len(companies(resolve(frame, decisions=[]))) == 1


def test_a_different_decision_holds_against_a_chain_of_same_decisions_only_by_refusal():
    frame = town(*KAPPELI)
    one, two, three = ("yellow_pages", "1"), ("visit", "7"), ("history", "3")
    decisions = [
        Decision(verdict="same", left=one, right=two),
        Decision(verdict="same", left=two, right=three),
        Decision(verdict="different", left=one, right=three),
    ]
    with pytest.raises(InputError, match="contradict") as caught:
        resolve(frame, decisions=decisions)
    assert "yellow_pages:1 | history:3" in caught.value.faults[0].value


def test_a_decision_on_records_that_are_not_there_waits():
    gone = Decision(verdict="same", left=("visit", "99"), right=("yellow_pages", "1"))
    found = resolve(town(*KAPPELI), decisions=[gone])
    assert len(companies(found)) == 1
    assert "visit:99" in " ".join(found.notes)


def test_a_decided_pair_leaves_the_review_list():
    frame = town(
        record("yellow_pages", "1", "K-Market", brand="K-Market", phone="09 111111"),
        record("yellow_pages", "2", "K-Market", brand="K-Market", phone="09 222222", east=60),
        record("visit", "3", "K-Market", brand="K-Market", east=30),
    )
    same = Decision(verdict="same", left=("yellow_pages", "2"), right=("visit", "3"))
    review = resolve(frame, decisions=[same]).review
    assert ("yellow_pages:2", "visit:3") not in set(
        zip(review["left"], review["right"], strict=True)
    )


def test_the_same_telephone_joins_a_record_without_place():
    found = resolve(
        town(
            record("yellow_pages", "1", "Hotelli Torni", phone="+358 20 1234605"),
            record("visit", "2", "Hotelli Torni", phone="020 123 4605", lon=np.nan, lat=np.nan),
            *(
                record(
                    "yellow_pages", f"x{number}", f"Liike {number * 7919}", east=500 + 90 * number
                )
                for number in range(20)
            ),
        )
    )
    assert frozenset({"yellow_pages:1", "visit:2"}) in companies(found)


def test_a_switchboard_shared_by_many_shops_joins_none_of_them():
    names = ["Alfa", "Bravo", "Kilo", "Delta", "Ekko", "Foksi", "Golf", "Hotelli", "Intia", "Julia"]
    rows = [
        record("yellow_pages", name, f"{name} liike", phone="09 4711000", east=5 * number)
        for number, name in enumerate(names)
    ]
    assert len(companies(resolve(town(*rows)))) == len(names)


def test_nameless_records_of_one_kind_on_one_spot_are_one():
    found = resolve(
        town(
            record("yellow_pages", "1", "", category="fuel"),
            record("visit", "2", "", category="fuel", east=2),
            *(
                record(
                    "yellow_pages", f"x{n}", f"Kauppa {n * 104729}", category="shop", east=40 * n
                )
                for n in range(1, 30)
            ),
        )
    )
    assert frozenset({"yellow_pages:1", "visit:2"}) in companies(found)


def test_no_records_and_one_record_are_resolved_too():
    empty = resolve(pd.DataFrame({"source": [], "source_record_id": []}))
    assert len(empty.companies) == len(empty.pairs) == len(empty.review) == 0
    one = resolve(town(record("visit", "00123", "NA")))
    assert one.companies["company_id"].tolist() == ["visit:00123"]
    assert one.companies["name"].tolist() == ["NA"]


def test_the_number_of_threads_changes_nothing():
    frame = town(*KAPPELI, BAKERY)
    pd.testing.assert_frame_equal(resolve(frame, workers=1).pairs, resolve(frame, workers=2).pairs)
