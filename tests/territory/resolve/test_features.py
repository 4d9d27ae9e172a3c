"""Names, telephones and addresses made comparable; input at fault; hostile strings."""

import numpy as np
import pandas as pd
import pytest

from territory.errors import InputError
from territory.survey.resolve import resolve
from territory.survey.resolve.compare import NAME, compare
from territory.survey.resolve.names import comparable_names, name_words, street_and_number
from territory.survey.resolve.phones import phone_keys
from territory.survey.resolve.records import read_records
from tests.territory.resolve.worlds import companies, record, town


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Katin Kosmetik OY", "katin kosmetik"),
        ("Café Größe GmbH", "cafe grosse"),
        ("Bröder & Söhne", "Broder und Sohne"),
        ("Smith Bros. S.A.", "SMITH BROTHERS"),
        ("The Tech Co., Ltd.", "Technology"),
        ("St. Mary's Pharm.", "Saint Marys Pharmacy"),
        ("Möbel A/S", "mobel"),
    ],
)
def test_spellings_of_one_name_have_the_same_words(one: str, other: str):
    assert name_words(one) == name_words(other)


def test_a_name_of_a_legal_form_alone_keeps_it():
    assert name_words("Oy Ab") == ["oy", "ab"]


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Kappeli Ravintola", "Ravintola Kappeli", "exact"),
        ("Flamingo", "Flxmingo", "close"),
        ("Elia Confectionery", "Elia Conf.", "contained"),
        ("Maya Bar & Grill", "Maya", "contained"),
        ("Sliema Marina", "Luna Caffetteria", "different"),
        ("!!!", "Luna", "missing"),
    ],
)
def test_names_compare_as_a_reader_would_say(one: str, other: str, level: str):
    records = read_records(town(record("visit", "1", one), record("visit", "2", other)))
    pair = compare(records, np.array([0]), np.array([1]), radius_meters=200.0)
    assert NAME[pair.level("name")[0]] == level


def test_common_words_alone_make_no_core():
    names = comparable_names(pd.Series([f"Ravintola {word * 3}" for word in "abcdefghijkl"]))
    assert names.core[0] == "aaa"
    assert names.plain[0] == "ravintola aaa"


def test_a_telephone_is_the_same_in_every_writing():
    written = ["+358 9 39351", "00358-9-39351", "(09) 39351", "358939351", "+358 (0)9 39 351"]
    keys = phone_keys(pd.Series(written))
    assert set(keys) == {939351}
    assert phone_keys(pd.Series(["", "n/a", "12", "call me"])).tolist() == [0, 0, 0, 0]


def test_an_address_is_its_street_and_its_number():
    assert street_and_number("Haupt-Str. 12a") == ("haupt strasse", "12a")
    assert street_and_number("Hauptstr. 12a")[0] == street_and_number("Hauptstraße 3")[0]
    assert street_and_number("12 Market St")[1] == "12"
    assert street_and_number("") == ("", "")


def test_all_faults_come_at_once_with_row_and_column():
    frame = town(
        record("visit", "1", "A"),
        record("visit", "1", "B"),
        record("telegram", "2", "C"),
        record("visit", "", "D"),
        record("visit", "5", "E", lat=91.0),
        record("visit", "6", "F", income=-5.0),
        record("visit", "7", "G", lon=np.inf),
        record("visit", "8", "H", income="much"),
    )
    with pytest.raises(InputError) as caught:
        resolve(frame)
    found = {(fault.row, fault.column) for fault in caught.value.faults}
    assert found == {
        (3, "source_record_id"),
        (4, "source"),
        (5, "source_record_id"),
        (6, "lat"),
        (7, "income"),
        (8, "lon"),
        (9, "income"),
    }


def test_records_without_the_columns_that_name_them_are_refused():
    with pytest.raises(InputError) as caught:
        resolve(pd.DataFrame({"name": ["A"]}))
    assert [fault.column for fault in caught.value.faults] == ["source", "source_record_id"]


def test_hostile_strings_go_through_letter_for_letter():
    hostile = [
        "=cmd()|' /C calc'!A0",
        "<script>alert(1)</script>",
        "{{7*191}} ${jndi:x}",
        "\x00\ud7ff\u202e",
        "a" * 50_000,
        "🏪🏪🏪",
        "株式会社サンプル",
        "'; DROP TABLE companies;--",
    ]
    rows = [record("visit", f"0{n}", name, east=40 * n) for n, name in enumerate(hostile)]
    rows += [record("history", f"0{n}", name, east=40 * n) for n, name in enumerate(hostile)]
    found = resolve(town(*rows))
    assert set(found.companies["name"]) == set(hostile)
    assert len(companies(found)) == len(hostile)


def test_a_thousand_equal_records_on_one_spot_end_in_time():
    rows = [record("visit", str(number), "Sama Nimi") for number in range(1_000)]
    found = resolve(town(*rows))
    assert 1 <= len(found.companies) <= 1_000
    assert len(found.records) == 1_000
