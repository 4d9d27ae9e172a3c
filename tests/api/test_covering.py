"""Of many executives the nearest to a visit are asked, by where their days begin and lead.

Thirty homes lie on a line, a degree apart: E00 at 0, E01 at 1 ... E29 at 29.
"""

from api.usecases.covering import nearest_executives
from territory.routes import Route, Stop
from territory.visits import Shift
from tests.optimizer.visits.worlds import MONDAY, hm, need, shift

NAMES = [f"E{k:02d}" for k in range(30)]
SHIFTS: list[Shift] = [
    shift(executive_id=who, start_lonlat=(float(k), 0.0)) for k, who in enumerate(NAMES)
]
VISIT = need("A", 10.2, 0.0, executive_id="E00")


def drive_to(lon: float, who: str) -> Route:
    stop = Stop(
        visit_id="B",
        account_id="B",
        kind="visit",
        lon=lon,
        lat=0.0,
        travel_seconds=0,
        travel_meters=0,
        arrive_seconds=hm(10),
        start_seconds=hm(10),
        end_seconds=hm(11),
    )
    return Route(
        executive_id=who,
        date=MONDAY,
        start_lonlat=(0.0, 0.0),
        end_lonlat=(0.0, 0.0),
        leave_seconds=hm(9),
        return_seconds=hm(12),
        stops=(stop,),
        breaks=(),
        home_travel_seconds=0,
        home_travel_meters=0,
        travel_seconds=0,
        travel_meters=0,
        visit_seconds=3_600,
    )


def test_the_nearest_homes_come_first() -> None:
    assert nearest_executives(VISIT, NAMES, SHIFTS, [], most=3) == ["E10", "E11", "E09"]


def test_who_drives_past_is_near_wherever_home_is() -> None:
    found = nearest_executives(VISIT, NAMES, SHIFTS, [drive_to(10.3, "E29")], most=2)
    assert found == ["E29", "E10"]


def test_only_those_who_may_be_asked_are() -> None:
    assert nearest_executives(VISIT, NAMES[20:], SHIFTS, [], most=1) == ["E20"]


def test_few_are_all_asked() -> None:
    assert nearest_executives(VISIT, {"E07", "E03"}, SHIFTS, [], most=2) == ["E03", "E07"]
