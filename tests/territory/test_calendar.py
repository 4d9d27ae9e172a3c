"""The calendar's rhythm, working days, appointments, tasks and reasons, on markets of a few rows.

The horizon starts on Monday 2026-11-30; today is Monday 2026-11-23.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

import pytest

from territory.calendar import Calendar, visit_needs
from territory.calendar.published import with_published
from territory.calendar.rows import read_account, read_accounts
from territory.errors import InputError
from territory.market import Market, MarketSettings
from territory.routes import Route, Stop, VisitPlan
from territory.tables import TABLES
from territory.tables.frames import empty_frame, typed_frame
from territory.visits import VisitNeed

MONDAY = date(2026, 11, 30)
Rows = Sequence[Mapping[str, object]]


def market(country: str = "", **tables: Rows) -> Market:
    """A market with one executive E1 at (24.9, 60.2) unless told otherwise."""
    given: dict[str, Rows] = {
        "executives": [{"executive_id": "E1", "home_lon": 24.9, "home_lat": 60.2}],
        **tables,
    }
    frames = {name: empty_frame(spec) for name, spec in TABLES.items()}
    for name, rows in given.items():
        columns = {key: [row.get(key) for row in rows] for row in rows for key in row}
        frames[name] = typed_frame(columns, TABLES[name])
    settings = MarketSettings(title="Test", today=date(2026, 11, 23), country=country)
    return Market(name="test", settings=settings, tables=frames)


def account(account_id: str = "A1", **facts: object) -> dict[str, object]:
    """An account of E1, open as by default, seen once a week, last on Friday 2026-11-27."""
    return {
        "account_id": account_id,
        "lon": 24.95,
        "lat": 60.17,
        "executive_id": "E1",
        "visits_per_4_weeks": 4,
        "visit_minutes": 30,
        "annual_potential": 5200.0,
        "last_visit": date(2026, 11, 27),
        "opening_hours": "",
        "allowed_weekdays": "",
        "preferred_weekdays": "",
        "required_skill": "",
        "tier": "",
        **facts,
    }


def plan(world: Market, *, weeks: int = 4, owners: Mapping[str, str] | None = None) -> Calendar:
    return visit_needs(world, first_date=MONDAY, weeks=weeks, owner_of_account=owners or {})


def only(calendar: Calendar) -> VisitNeed:
    (need,) = calendar.needs
    return need


def reasons(calendar: Calendar) -> dict[str, str]:
    return {item.visit_id: item.reason for item in calendar.unserved}


def test_a_weekly_account_is_due_four_times_in_four_weeks() -> None:
    calendar = plan(market(accounts=[account()]))
    assert [need.visit_id for need in calendar.needs] == ["A1#1", "A1#2", "A1#3", "A1#4"]
    assert all(len(need.dates) <= 5 for need in calendar.needs)


def test_windows_of_successive_visits_do_not_overlap_and_ascend() -> None:
    needs = plan(market(accounts=[account()])).needs
    dates = [day for need in needs for day in need.dates]
    assert dates == sorted(set(dates))


def test_visits_of_a_series_know_their_distance() -> None:
    needs = plan(market(accounts=[account(visits_per_4_weeks=2)])).needs
    assert {need.series for need in needs} == {"A1"}
    assert {need.min_spacing_days for need in needs} == {8}  # 0.6 of 14 days


def test_the_last_visit_says_when_the_next_is_due() -> None:
    seen_friday = only(plan(market(accounts=[account()]), weeks=1))
    # Due five working days after Friday: the Friday after; from Wednesday on is near enough.
    assert seen_friday.dates == (date(2026, 12, 2), date(2026, 12, 3), date(2026, 12, 4))
    assert "last seen 2026-11-27" in seen_friday.reason
    assert seen_friday.reason.startswith("due 2026-12-04")


def test_a_visit_done_after_the_card_was_written_counts() -> None:
    done = {"visit_id": "V", "account_id": "A1", "status": "done", "date": date(2026, 11, 20)}
    card = account(last_visit=date(2026, 11, 2), visits_per_4_weeks=2)
    need = plan(market(accounts=[card], visits=[done])).needs[0]
    assert "last seen 2026-11-20" in need.reason


def test_an_account_read_alone_is_as_it_is_among_all() -> None:
    day = date(2026, 11, 20)
    world = market(
        accounts=[
            account("A1", annual_potential=None),
            account("A2", annual_potential=900.0, opening_hours="Sa 10:00-12:00"),
            account("A3", annual_potential=300.0, last_visit=None),
        ],
        visits=[
            {"visit_id": "V1", "account_id": "A3", "date": day, "status": "done"},
            {"visit_id": "V2", "account_id": "A2", "date": day, "status": "done"},
        ],
    )

    every = read_accounts(world)

    assert [one.annual_potential for one in every] == [600.0, 900.0, 300.0]
    assert every[2].last_visit == day
    assert tuple(read_account(world, one.account_id) for one in every) == every
    assert read_account(world, "A4") is None


def test_an_account_seen_a_day_ago_every_four_weeks_is_not_due_within_a_week() -> None:
    calendar = plan(market(accounts=[account(visits_per_4_weeks=1)]), weeks=1)
    assert calendar.needs == ()
    assert calendar.unserved == ()
    assert calendar.not_due[0].reason == "not_due_yet"


def test_an_overdue_visit_is_due_at_once_and_worth_up_to_twice_as_much() -> None:
    late = plan(market(accounts=[account(last_visit=date(2026, 10, 1))])).needs[0]
    on_time = plan(market(accounts=[account()])).needs[0]
    assert late.dates[0] == MONDAY
    assert on_time.value == pytest.approx(5200 / 52)
    assert late.value == pytest.approx(2 * 5200 / 52)
    assert "overdue" in late.reason


def test_accounts_never_seen_are_spread_over_their_interval() -> None:
    fresh = [account(f"A{n}", last_visit=None, visits_per_4_weeks=1) for n in range(40)]
    calendar = plan(market(accounts=fresh), weeks=1)
    # A quarter of them, give or take, falls due in the first of four weeks.
    assert 4 <= len(calendar.needs) <= 17
    assert len(calendar.needs) + len(calendar.not_due) == 40


def test_frequency_and_minutes_come_from_the_tier_when_they_are_empty() -> None:
    card = account(tier="B", visits_per_4_weeks=None, visit_minutes=None)
    needs = plan(market(accounts=[card])).needs
    assert len(needs) == 2
    assert needs[0].visit_seconds == 30 * 60


def test_opening_hours_give_the_windows_and_close_days() -> None:
    card = account(opening_hours="Mo 09:00-12:00,13:00-17:00; We 10:00-10:20", last_visit=None)
    need = plan(market(accounts=[card])).needs[-1]
    assert {day.weekday() for day in need.dates} == {0}  # 20 min on Wednesday are too few
    assert need.windows[0] == ((32_400, 43_200), (46_800, 61_200))


def test_allowed_and_preferred_weekdays_are_kept() -> None:
    card = account(allowed_weekdays="Tu,Th", preferred_weekdays="Th", last_visit=None)
    needs = plan(market(accounts=[card])).needs
    assert {day.weekday() for need in needs for day in need.dates} <= {1, 3}
    assert {day.weekday() for need in needs for day in need.preferred_dates} == {3}


def test_public_holidays_close_accounts_and_shifts() -> None:
    calendar = plan(market(country="FI", accounts=[account()]))
    christmas = date(2026, 12, 25)  # a Friday
    assert christmas not in {shift.date for shift in calendar.shifts}
    assert christmas not in {day for need in calendar.needs for day in need.dates}
    assert len(calendar.shifts) == 18  # 20 weekdays less Christmas Eve and Day


def test_a_country_without_known_holidays_is_named() -> None:
    with pytest.raises(InputError, match="'XX'"):
        plan(market(country="XX", accounts=[account()]))


def test_shifts_carry_hours_lunch_driving_and_skills() -> None:
    executive = {
        "executive_id": "E1",
        "home_lon": 24.9,
        "home_lat": 60.2,
        "end_lon": 25.0,
        "end_lat": 60.3,
        "shift_start": "09:00",
        "shift_end": "16:30",
        "weekdays": "Mo,We",
        "lunch_minutes": 30,
        "lunch_earliest": "12:00",
        "lunch_latest": "13:00",
        "max_driving_minutes": 120,
        "skills": "coffee; beer",
    }
    shifts = plan(market(executives=[executive], accounts=[]), weeks=1).shifts
    assert [shift.date.weekday() for shift in shifts] == [0, 2]
    first = shifts[0]
    assert (first.start_seconds, first.end_seconds) == (9 * 3600, 16 * 3600 + 1800)
    assert first.end_lonlat == (25.0, 60.3)
    assert first.lunch is not None
    assert first.lunch.seconds == 1800
    assert first.max_driving_seconds == 7200
    assert first.skills == {"coffee", "beer"}


def test_no_lunch_minutes_mean_no_lunch() -> None:
    executive = {"executive_id": "E1", "home_lon": 24.9, "home_lat": 60.2, "lunch_minutes": 0}
    assert plan(market(executives=[executive], accounts=[]), weeks=1).shifts[0].lunch is None


def test_an_absence_takes_its_days_out() -> None:
    away = {"executive_id": "E1", "first_date": MONDAY, "last_date": date(2026, 12, 4)}
    calendar = plan(market(accounts=[account()], absences=[away]), weeks=2)
    assert min(shift.date for shift in calendar.shifts) == date(2026, 12, 7)
    assert min(day for need in calendar.needs for day in need.dates) == date(2026, 12, 7)


def test_the_owner_given_overrules_the_account_card() -> None:
    two = [{"executive_id": who, "home_lon": 24.9, "home_lat": 60.2} for who in ("E1", "E2")]
    calendar = plan(market(executives=two, accounts=[account()]), owners={"A1": "E2"})
    assert {need.executive_id for need in calendar.needs} == {"E2"}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"lon": float("nan")}, "no_coordinates"),
        ({"lon": 0.0, "lat": 0.0}, "no_coordinates"),
        ({"executive_id": ""}, "no_executive"),
        ({"executive_id": "E9"}, "no_executive"),
        ({"required_skill": "wine"}, "skill_mismatch"),
        ({"visits_per_4_weeks": 0}, "manual_exclude"),
        ({"opening_hours": "every now and then"}, "no_opening_hours_in_window"),
    ],
)
def test_an_account_that_cannot_be_planned_says_why(facts: dict[str, object], reason: str) -> None:
    calendar = plan(market(accounts=[account(**facts)]))
    assert calendar.needs == ()
    assert reasons(calendar) == {"A1#1": reason}


def test_an_executive_away_all_the_time_leaves_accounts_without_one() -> None:
    away = {"executive_id": "E1", "first_date": date(2026, 11, 1), "last_date": date(2027, 2, 1)}
    calendar = plan(market(accounts=[account()], absences=[away]))
    assert reasons(calendar) == {"A1#1": "no_executive"}


def test_an_account_closed_on_its_days_is_unserved_for_its_hours() -> None:
    calendar = plan(market(accounts=[account(opening_hours="Su 10:00-16:00")]), weeks=1)
    assert reasons(calendar) == {"A1#1": "no_opening_hours_in_window"}


def task(**facts: object) -> dict[str, object]:
    return {
        "task_id": "T1",
        "account_id": "A1",
        "kind": "price_check",
        "title": "shelf",
        "deadline": date(2026, 12, 4),
        "minutes": 15,
        "priority": "high",
        "status": "",
        **facts,
    }


def test_a_task_rides_along_with_a_visit_before_its_deadline() -> None:
    need = plan(market(accounts=[account()], tasks=[task()])).needs[0]
    assert need.visit_id == "A1#1"
    assert need.visit_seconds == 45 * 60
    assert need.deadline == date(2026, 12, 4)
    assert max(need.dates) <= date(2026, 12, 4)
    assert need.value == pytest.approx(3 * 100)  # the visit and twice as much for a high task
    assert "price check task “shelf” by 2026-12-04" in need.reason


def test_a_task_no_visit_meets_in_time_is_a_need_of_its_own() -> None:
    early = task(deadline=date(2026, 12, 1))  # the first visit is from Wednesday on
    calendar = plan(market(accounts=[account()], tasks=[early]), weeks=1)
    regular, alone = calendar.needs
    assert regular.visit_seconds == 30 * 60
    assert (alone.visit_id, alone.kind) == ("A1/T1", "task")
    assert alone.dates == (MONDAY, date(2026, 12, 1))
    assert alone.visit_seconds == 15 * 60


def test_an_overdue_task_is_to_be_done_within_a_week() -> None:
    late = task(deadline=date(2026, 11, 20))
    card = account(visits_per_4_weeks=1)
    need = only(plan(market(accounts=[card], tasks=[late]), weeks=1))
    assert need.kind == "task"
    assert need.dates[0] == MONDAY
    assert need.deadline == date(2026, 12, 6)
    assert "overdue" in need.reason


def test_a_done_task_is_nobodys_need() -> None:
    calendar = plan(market(accounts=[account()], tasks=[task(status="done")]))
    assert all(need.visit_seconds == 30 * 60 for need in calendar.needs)


def test_a_task_of_an_account_without_coordinates_is_unserved_for_that() -> None:
    nowhere = account(lon=float("nan"))
    calendar = plan(market(accounts=[nowhere], tasks=[task()]))
    assert reasons(calendar) == {"A1#1": "no_coordinates", "A1/T1": "no_coordinates"}


def test_a_task_of_an_account_never_visited_regularly_is_still_done() -> None:
    calendar = plan(market(accounts=[account(visits_per_4_weeks=0)], tasks=[task()]))
    assert only(calendar).visit_id == "A1/T1"


def appointment(**facts: object) -> dict[str, object]:
    return {
        "visit_id": "V7",
        "account_id": "A1",
        "executive_id": "E1",
        "date": date(2026, 12, 3),
        "status": "planned",
        "start": "10:30",
        "minutes": 60,
        "is_pinned": True,
        **facts,
    }


def test_an_appointment_takes_the_place_of_the_regular_visit() -> None:
    calendar = plan(market(accounts=[account()], visits=[appointment()]), weeks=1)
    need = only(calendar)
    assert (need.visit_id, need.kind) == ("V7", "appointment")
    assert need.dates == (date(2026, 12, 3),)
    assert need.pinned_start_seconds == 37_800
    assert need.windows == (((37_800, 41_400),),)
    assert need.series == "A1"


def test_a_planned_visit_that_is_not_pinned_is_planned_anew() -> None:
    loose = appointment(is_pinned=False)
    assert only(plan(market(accounts=[account()], visits=[loose]), weeks=1)).visit_id == "A1#1"


def test_an_appointments_id_never_hides_a_regular_one() -> None:
    clash = appointment(visit_id="A1#2")
    ids = [need.visit_id for need in plan(market(accounts=[account()], visits=[clash])).needs]
    assert len(ids) == len(set(ids)) == 4


def test_hostile_ids_stay_text() -> None:
    odd = "=1+1{{ x }}<b>"
    need = plan(market(accounts=[account(odd)]), weeks=1).needs[0]
    assert need.account_id == odd


def test_priority_multiplies_what_a_visit_is_worth() -> None:
    usual, dear = (
        plan(market(accounts=[account(priority=priority)]), weeks=1).needs[0].value
        for priority in (None, 3.0)
    )
    assert dear == pytest.approx(3 * usual)


def test_no_choice_of_dates_lies_farther_apart_than_the_account_allows() -> None:
    rows = [account(visits_per_4_weeks=2, max_spacing_days=14)]
    needs = plan(market(accounts=rows), weeks=6).needs
    assert len(needs) >= 3
    for before, after in pairwise(needs):
        assert after.max_spacing_days == 14
        assert (after.dates[-1] - before.dates[0]).days <= 14
    assert "at most 14 days apart" in needs[0].reason


def test_nobody_working_for_longer_than_the_spacing_lifts_it_for_that_visit() -> None:
    away = [
        {
            "executive_id": "E1",
            "first_date": date(2026, 12, 7),
            "last_date": date(2026, 12, 20),
        }
    ]
    rows = [account(max_spacing_days=9)]
    needs = plan(market(accounts=rows, absences=away), weeks=4).needs
    lifted = [need for need in needs[1:] if need.max_spacing_days == 0]
    assert [need.dates[0] >= date(2026, 12, 21) for need in lifted] == [True]


def test_an_account_may_ask_for_its_own_least_spacing() -> None:
    needs = plan(market(accounts=[account(min_spacing_days=6)])).needs
    assert {need.min_spacing_days for need in needs} == {6}


def test_an_appointment_decides_anew_how_late_the_next_visit_may_be() -> None:
    rows = [account(max_spacing_days=12)]
    calendar = plan(market(accounts=rows, visits=[appointment(date=date(2026, 12, 1))]))
    series = sorted(calendar.needs, key=lambda need: need.dates[0])
    assert series[0].kind == "appointment"
    assert series[1].max_spacing_days == 12
    assert (series[1].dates[-1] - series[0].dates[0]).days <= 12
    early = plan(market(accounts=[account(max_spacing_days=9)], visits=[appointment(date=MONDAY)]))
    series = sorted(early.needs, key=lambda need: need.dates[0])
    assert [need.max_spacing_days for need in series[:3]] == [0, 0, 9]  # no date lies within nine


def test_accounts_behind_one_door_are_seen_in_one_stop() -> None:
    rows = [
        account("A1", visit_group="mall", opening_hours="Mo-Fr 09:00-12:00"),
        account("A2", visit_group="mall", visits_per_4_weeks=2, opening_hours="Mo-Fr 10:00-17:00"),
        account("A3"),
    ]
    calendar = plan(market(accounts=rows), weeks=1)
    first, other = calendar.needs
    assert (first.account_id, first.with_account_ids) == ("A1", ("A2",))
    assert first.visit_seconds == 2 * 30 * 60
    assert set(first.windows) == {((36_000, 43_200),)}
    assert first.value == pytest.approx(5200 / 52 + 5200 / 26)
    assert "with A2" in first.reason
    assert (other.account_id, other.with_account_ids) == ("A3", ())


def test_an_account_that_cannot_be_seen_with_its_group_is_seen_alone_and_said() -> None:
    rows = [
        account("A1", visit_group="mall", opening_hours="Mo-Fr 08:00-10:00"),
        account("A2", visit_group="mall", opening_hours="Mo-Fr 14:00-16:00"),
    ]
    calendar = plan(market(accounts=rows), weeks=1)
    assert {need.account_id for need in calendar.needs} == {"A1", "A2"}
    assert calendar.notes == (
        "A2 is seen apart from A1: all are open together for 60 min on no day.",
    )


def test_a_task_of_an_account_in_a_group_rides_along_with_the_group() -> None:
    rows = [account("A1", visit_group="mall"), account("A2", visit_group="mall")]
    calendar = plan(market(accounts=rows, tasks=[task(account_id="A2")]))
    assert any(need.visit_seconds > 2 * 30 * 60 for need in calendar.needs)
    assert all(need.kind == "visit" for need in calendar.needs)


def test_a_night_away_ends_one_day_and_begins_the_next() -> None:
    bed = [{"executive_id": "E1", "date": MONDAY, "lon": 25.7, "lat": 61.0}]
    shifts = plan(market(accounts=[account()], overnights=bed), weeks=1).shifts
    assert (shifts[0].start_lonlat, shifts[0].end_lonlat) == ((24.9, 60.2), (25.7, 61.0))
    assert (shifts[1].start_lonlat, shifts[1].end_lonlat) == ((25.7, 61.0), (24.9, 60.2))


@pytest.mark.parametrize("weeks", [0, 14])
def test_only_one_to_thirteen_weeks_are_planned(weeks: int) -> None:
    with pytest.raises(InputError, match=str(weeks)):
        plan(market(accounts=[account()]), weeks=weeks)


# --- what visits may cost, and how days go -------------------------------------------------------


def executive(**facts: object) -> dict[str, object]:
    return {"executive_id": "E1", "home_lon": 24.9, "home_lat": 60.2, **facts}


def test_overtime_and_its_price_come_from_the_executive() -> None:
    world = market(executives=[executive(max_overtime_minutes=45, overtime_price=60.0)])
    shift = plan(world, weeks=1).shifts[0]
    assert shift.overtime_seconds == 2_700
    assert shift.overtime_price == 60.0
    assert shift.latest_end_seconds == shift.end_seconds + 2_700
    usual = plan(market(), weeks=1).shifts[0]
    assert (usual.overtime_seconds, usual.overtime_price) == (0, None)


def test_a_visit_may_be_late_where_its_account_says_so() -> None:
    assert only(plan(market(accounts=[account(late_minutes=20)]), weeks=1)).late_seconds == 1_200
    assert only(plan(market(accounts=[account()]), weeks=1)).late_seconds == 0


def test_a_day_may_end_at_its_last_visit_but_not_where_a_bed_waits() -> None:
    world = market(
        executives=[executive(day_ends="last_visit")],
        overnights=[{"executive_id": "E1", "date": MONDAY, "lon": 25.0, "lat": 60.0}],
    )
    monday, tuesday, *_ = plan(world, weeks=1).shifts
    assert not monday.is_open_end
    assert monday.end_lonlat == (25.0, 60.0)
    assert tuesday.is_open_end
    assert tuesday.start_lonlat == (25.0, 60.0)


def test_lunch_may_belong_to_an_account() -> None:
    shift = plan(market(executives=[executive(lunch_place="account")]), weeks=1).shifts[0]
    assert shift.lunch is not None
    assert shift.lunch.place == "account"


def test_lunch_may_be_had_at_home_but_not_on_days_that_begin_or_end_in_a_bed_elsewhere() -> None:
    world = market(
        executives=[executive(lunch_place="home")],
        overnights=[{"executive_id": "E1", "date": MONDAY, "lon": 25.0, "lat": 60.0}],
    )
    lunches = [shift.lunch for shift in plan(world, weeks=1).shifts]
    wednesday = plan(world, weeks=1).shifts[2]
    assert [lunch and lunch.place for lunch in lunches[:3]] == ["anywhere", "anywhere", "home"]
    assert [lunch and lunch.lonlat for lunch in lunches[:3]] == [None, None, wednesday.start_lonlat]


def test_traffic_is_laid_over_the_day_and_the_slowest_hour_holds() -> None:
    """Twice as long from 7 to 9 on working days, half as long again from 8 to 10 on Mondays."""
    hours = [
        {"band_id": "am", "weekdays": "Mo-Fr", "from_time": "07:00", "to_time": "09:00"},
        {"band_id": "mo", "weekdays": "Mo", "from_time": "08:00", "to_time": "10:00"},
    ]
    world = market(
        travel_hours=[{**row, "factor": f} for row, f in zip(hours, (2.0, 1.5), strict=True)]
    )
    monday, tuesday, *_ = plan(world, weeks=1).shifts
    hour = 3600
    assert tuesday.traffic == (
        (0, 7 * hour, 1000),
        (7 * hour, 9 * hour, 500),
        (9 * hour, 24 * hour, 1000),
    )
    assert monday.traffic[1:4] == (
        (7 * hour, 8 * hour, 500),
        (8 * hour, 9 * hour, 500),
        (9 * hour, 10 * hour, 667),
    )
    assert plan(market(), weeks=1).shifts[0].traffic == ()


def test_traffic_over_midnight_holds_on_both_sides_of_it() -> None:
    row = {"band_id": "n", "weekdays": "", "from_time": "22:00", "to_time": "05:00", "factor": 0.5}
    shift = plan(market(travel_hours=[row]), weeks=1).shifts[0]
    assert shift.traffic == ((0, 18_000, 2000), (18_000, 79_200, 1000), (79_200, 86_400, 2000))


def test_published_dates_go_to_the_needs_that_may_be_made_on_them() -> None:
    """Two published visits of an account and one of a stranger; the third need was never told."""
    calendar = plan(market(accounts=[account()]), weeks=3)
    told = [calendar.needs[0].dates[1], calendar.needs[1].dates[-1]]
    published = with_published(calendar.needs, routed([("A1", day) for day in told]))
    assert [need.published_date for need in published] == [*told, None]
    strange = with_published(calendar.needs, routed([("A9", told[0]), ("A1", date(2027, 5, 3))]))
    assert strange == calendar.needs


def routed(visits: Sequence[tuple[str, date]]) -> VisitPlan:
    """A plan that makes these visits, whatever their times."""
    routes = tuple(
        Route(
            executive_id="E1",
            date=day,
            start_lonlat=(24.9, 60.2),
            end_lonlat=(24.9, 60.2),
            leave_seconds=0,
            return_seconds=0,
            stops=(
                Stop(
                    visit_id=f"{account_id}#7",
                    account_id=account_id,
                    kind="visit",
                    lon=24.95,
                    lat=60.17,
                    travel_seconds=0,
                    travel_meters=0,
                    arrive_seconds=0,
                    start_seconds=0,
                    end_seconds=0,
                ),
            ),
            breaks=(),
            home_travel_seconds=0,
            home_travel_meters=0,
            travel_seconds=0,
            travel_meters=0,
            visit_seconds=0,
        )
        for account_id, day in visits
    )
    return VisitPlan(
        first_date=MONDAY,
        last_date=MONDAY,
        mode="car",
        travel_source="estimated",
        routes=routes,
        unserved=(),
        travel_seconds=0,
        travel_meters=0,
        visit_seconds=0,
        served=len(routes),
        value_kept=0.0,
        value_lost=0.0,
    )
