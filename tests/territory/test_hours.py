"""Opening hours, weekdays and clock times are read as OSM means them, or refused."""

import pytest

from territory.hours import format_time, parse_hours, parse_time, parse_weekdays

H = 3600


def test_weekday_and_saturday_hours_fall_on_their_days() -> None:
    week = parse_hours("Mo-Fr 09:00-17:00; Sa 10:00-14:00")
    assert week[:5] == (((9 * H, 17 * H),),) * 5
    assert week[5] == ((10 * H, 14 * H),)
    assert week[6] == ()


def test_a_lunch_pause_gives_two_windows() -> None:
    week = parse_hours("Mo 08:00-12:00,13:00-17:00")
    assert week[0] == ((8 * H, 12 * H), (13 * H, 17 * H))


def test_a_later_rule_replaces_and_a_comma_rule_adds() -> None:
    assert parse_hours("Mo-Su 09:00-17:00; We 10:00-12:00")[2] == ((10 * H, 12 * H),)
    assert parse_hours("Mo-Fr 08:00-12:00, We 14:00-18:00")[2] == (
        (8 * H, 12 * H),
        (14 * H, 18 * H),
    )
    assert parse_hours("Mo-Su 09:00-17:00; Su off")[6] == ()


def test_a_list_of_days_shares_its_hours() -> None:
    week = parse_hours("Mo,We, Fr 10:00-12:00, Sa 09:00-10:00")
    assert [len(day) for day in week] == [1, 0, 1, 0, 1, 1, 0]


def test_hours_past_midnight_run_into_the_next_day() -> None:
    week = parse_hours("Su 22:00-02:00")
    assert week[6] == ((22 * H, 24 * H),)
    assert week[0] == ((0, 2 * H),)
    assert parse_hours("Mo 20:00-26:00") == parse_hours("Mo 20:00-02:00")
    assert parse_hours("Mo 18:00-00:00")[0] == ((18 * H, 24 * H),)


def test_always_open_and_no_days_and_holidays() -> None:
    assert parse_hours("24/7") == (((0, 24 * H),),) * 7
    assert parse_hours("09:00-10:00") == (((9 * H, 10 * H),),) * 7
    assert parse_hours("Mo-Fr 09:00-17:00; PH off") == parse_hours("Mo-Fr 09:00-17:00")
    assert parse_hours("Mo-Fr,PH 09:00-17:00") == parse_hours("Mo-Fr 09:00-17:00")


def test_touching_windows_become_one() -> None:
    assert parse_hours("Mo 09:00-12:00,11:00-13:00,13:00-15:00")[0] == ((9 * H, 15 * H),)


def test_an_empty_text_takes_the_default() -> None:
    assert parse_hours("") == ((),) * 7
    assert parse_hours(" ", default="Mo 09:00-10:00")[0] == ((9 * H, 10 * H),)


@pytest.mark.parametrize(
    "text",
    [
        "sunrise-sunset",
        "Jan-Mar 09:00-17:00",
        "Mo-Fr 09:00+",
        "Mo 25",
        "Mo 09:60-10:00",
        "Mo 09:00-09:00",
        "Mo-Xx 09:00-10:00",
        'Mo "by appointment"',
        "always",
        "=1+1",
    ],
)
def test_what_is_outside_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is"):
        parse_hours(text)


def test_weekdays_are_read_in_ranges_lists_and_any_case() -> None:
    assert parse_weekdays("Mo-Fr") == {0, 1, 2, 3, 4}
    assert parse_weekdays("sa-mo") == {5, 6, 0}
    assert parse_weekdays("Monday; wed,FR") == {0, 2, 4}
    assert parse_weekdays("") == frozenset()
    with pytest.raises(ValueError, match="'Funday'"):
        parse_weekdays("Mo,Funday")


def test_clock_times_go_there_and_back() -> None:
    assert parse_time("08:30") == 8 * H + 1800
    assert parse_time("24:00") == 24 * H
    assert format_time(parse_time("7:05")) == "07:05"
    assert format_time(parse_time("07:05:09")) == "07:05:09"
    for wrong in ("24:01", "8", "08:75", "", "8:3"):
        with pytest.raises(ValueError, match="is"):
            parse_time(wrong)


def test_accounts_that_share_their_hours_share_one_week() -> None:
    week = parse_hours("Mo-Fr 09:00-17:00")
    assert parse_hours(" Mo-Fr 09:00-17:00; ") is week
    assert parse_hours("", default="Mo-Fr 09:00-17:00") is week
    for _ in range(2):  # what is refused stays refused
        with pytest.raises(ValueError, match="is not a rule"):
            parse_hours("whenever")
