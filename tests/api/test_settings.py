"""Settings from the environment: all that cannot be used are named at once, in words."""

import pytest

from api.settings import read_settings
from territory.errors import InputError


def test_settings_that_cannot_be_used_are_named_all_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIELDWRIGHT_PORT", "many")
    monkeypatch.setenv("FIELDWRIGHT_VISIT_PRICES", "driving=40,speed=2")
    with pytest.raises(InputError) as caught:
        read_settings()
    named = {fault.column: fault.value for fault in caught.value.faults}
    assert named == {
        "FIELDWRIGHT_PORT": "many",
        "FIELDWRIGHT_VISIT_PRICES": "driving=40,speed=2",
    }
    assert "driving, waiting" in str(caught.value)


@pytest.mark.parametrize("words", ["driving", "driving=", "driving=x", "driving=-1", "driving=nan"])
def test_a_price_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setenv("FIELDWRIGHT_VISIT_PRICES", words)
    with pytest.raises(InputError, match="driving"):
        read_settings()


def test_prices_are_read_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDWRIGHT_VISIT_PRICES", " driving = 40 , overtime=60,")
    assert read_settings().usual_visit_prices == {"driving": 40.0, "overtime": 60.0}
