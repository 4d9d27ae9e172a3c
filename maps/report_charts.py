"""Two charts of the weekly report as plain coordinates, drawn by its template without a script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from maps.style import short_number
from territory.plans import Table

WIDTH, HEIGHT = 560.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 8.0, 10.0, 26.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A label of an axis and its place."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One week: the middle of its column and what is drawn there, None where there is nothing.

    ``bar`` is the top of the bar, ``low`` and ``high`` the ends of the interval, ``point`` the
    figure itself, ``line`` the height of the line that is compared with; ``title`` says it all.
    """

    x: float
    title: str
    bar: float | None = None
    low: float | None = None
    high: float | None = None
    point: float | None = None
    line: float | None = None
    is_faint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart of weeks: ``y`` and ``x`` ticks, marks, and the width of a column."""

    slug: str
    title: str
    text: str
    y: tuple[Tick, ...]
    x: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    column: float
    floor: float
    level: float | None = None
    key: tuple[tuple[str, str], ...] = ()

    @property
    def line(self) -> str:
        """The line through the marks that have one, as points of a polyline."""
        return " ".join(
            f"{mark.x:.1f},{mark.line:.1f}" for mark in self.marks if mark.line is not None
        )


def sales_chart(table: Table | None, currency: str) -> Chart | None:
    """Actual sales as bars, the forecast with its interval, the target as a line."""
    if table is None or not len(table):
        return None
    weeks = table.texts("week")
    columns = {
        name: table.columns[name]
        for name in ("actual", "target", "forecast", "forecast_low", "forecast_high")
    }
    told = [number for values in columns.values() for number in _numbers(values)]
    if not told or max(told) <= 0:
        return None
    scale = _Scale(0.0, max(told) * 1.05)
    step = (WIDTH - LEFT - RIGHT) / len(weeks)
    marks = tuple(
        Mark(
            x=LEFT + step * (place + 0.5),
            title=_sales_title(week, {n: v[place] for n, v in columns.items()}, currency),
            bar=scale.of(columns["actual"][place]),
            low=scale.of(columns["forecast_low"][place]),
            high=scale.of(columns["forecast_high"][place]),
            point=scale.of(columns["forecast"][place]),
            line=scale.of(columns["target"][place]),
        )
        for place, week in enumerate(weeks)
    )
    return Chart(
        slug="sales",
        title=f"Sales a week, {currency}",
        text="Bars are what was delivered; the cross is the forecast of a week before with its "
        "80 % interval; the line is the target.",
        y=scale.ticks(short_number),
        x=_weeks(marks, weeks),
        marks=marks,
        column=step,
        floor=HEIGHT - BOTTOM,
        key=(("bar", "actual"), ("cross", "forecast, 80 %"), ("line", "target")),
    )


def service_chart(table: Table | None, before_percent: float | None) -> Chart | None:
    """Order satisfaction of each week with its interval; the mean of eight weeks as a level."""
    if table is None:
        return None
    places = [place for place, who in enumerate(table.texts("executive_id")) if who == "all"]
    weeks = [table.texts("week")[place] for place in places]
    columns = {
        name: [table.columns[name][place] for place in places]
        for name in ("satisfaction_percent", "low_percent", "high_percent", "orders", "is_few")
    }
    known = _numbers(columns["low_percent"])
    if not known:
        return None
    scale = _Scale(max(0.0, 10.0 * (min(known) // 10)), 100.0)
    step = (WIDTH - LEFT - RIGHT) / len(weeks)
    marks = tuple(
        Mark(
            x=LEFT + step * (place + 0.5),
            title=_service_title(week, {n: v[place] for n, v in columns.items()}),
            low=scale.of(columns["low_percent"][place]),
            high=scale.of(columns["high_percent"][place]),
            point=scale.of(columns["satisfaction_percent"][place]),
            is_faint=bool(columns["is_few"][place]),
        )
        for place, week in enumerate(weeks)
    )
    return Chart(
        slug="service",
        title="Order satisfaction a week, percent",
        text="In full and on time by amount, with the 80 % interval; hollow where there were few "
        "orders. The dashed level is the eight weeks before.",
        y=scale.ticks(lambda value: f"{value:.0f}"),
        x=_weeks(marks, weeks),
        marks=marks,
        column=step,
        floor=HEIGHT - BOTTOM,
        level=scale.of(before_percent),
        key=(("dot", "in full and on time"), ("hollow", "few orders"), ("level", "8 weeks before")),
    )


class _Scale:
    """Heights of values between a lowest and a highest one."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, max(high, low + 1e-9)

    def of(self, value: object) -> float | None:
        if not _is_number(value):
            return None
        part = (float(value) - self._low) / (self._high - self._low)  # type: ignore[arg-type]
        return HEIGHT - BOTTOM - min(1.0, max(0.0, part)) * (HEIGHT - TOP - BOTTOM)

    def ticks(self, spell: Callable[[float], str]) -> tuple[Tick, ...]:
        values = [self._low + part * (self._high - self._low) / 4 for part in range(5)]
        return tuple(Tick(at=self.of(value) or 0.0, text=spell(value)) for value in values)


def _numbers(values: Sequence[object]) -> list[float]:
    return [float(value) for value in values if _is_number(value)]  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _weeks(marks: Sequence[Mark], weeks: Sequence[str]) -> tuple[Tick, ...]:
    every = 2 if len(weeks) > 8 else 1
    return tuple(
        Tick(at=mark.x, text=f"{date.fromisoformat(week):%d %b}")
        for mark, week in list(zip(marks, weeks, strict=True))[::every]
    )


def _sales_title(week: str, cells: dict[str, object], currency: str) -> str:
    told = [
        f"{name.replace('forecast_', 'forecast ')} {float(value):,.0f} {currency}"  # type: ignore[arg-type]
        for name, value in cells.items()
        if _is_number(value)
    ]
    return f"Week of {week}: {', '.join(told)}"


def _service_title(week: str, cells: dict[str, object]) -> str:
    if not _is_number(cells["satisfaction_percent"]):
        return f"Week of {week}: nothing was due"
    rate, low, high = (
        float(cells[name])  # type: ignore[arg-type]
        for name in ("satisfaction_percent", "low_percent", "high_percent")
    )
    return f"Week of {week}: {rate:.1f} % ({low:.0f} to {high:.0f} %) of {cells['orders']} orders"
