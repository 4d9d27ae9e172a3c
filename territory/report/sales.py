"""Sales week by week: target, actual and the forecast made a week before, and four weeks ahead."""

from datetime import date, timedelta

from territory.plans import Table
from territory.report.forecast import ALL, WEEK, WEEK_DAYS, Sales, outlook
from territory.report.money import targets_of
from territory.report.week import Week, rows_as_table

WEEKS_BACK = 13
WEEKS_AHEAD = 4


def sales_trend(week: Week, sales: Sales) -> Table:
    """The market's last 13 weeks and the next four.

    A week's forecast is the one its Monday could have given (for weeks to come the one of the last
    complete week), so that the past rows show how good it is; ``is_within`` says whether the
    actual fell into the 80 % interval.
    """
    rows = []
    for step in range(1 - WEEKS_BACK, WEEKS_AHEAD + 1):
        monday = week.first_date + step * WEEK
        is_over = monday + WEEK_DAYS < week.cutoff
        told = outlook(sales, ALL, monday, monday + WEEK_DAYS, made_on=min(monday, week.cutoff))
        actual = sales.between(ALL, monday, monday + WEEK_DAYS) if monday < week.cutoff else None
        is_within = None
        if is_over and actual is not None and told.low is not None and told.high is not None:
            is_within = told.low <= actual <= told.high
        rows.append(
            {
                "week": monday,
                "working_days": week.working_days(monday, monday + WEEK_DAYS),
                "target": targets_of(week, monday, monday + WEEK_DAYS).market,
                "actual": actual,
                "forecast": told.amount,
                "forecast_low": told.low,
                "forecast_high": told.high,
                "is_within": is_within,
            }
        )
    return rows_as_table(
        rows,
        (
            *("week", "working_days", "target", "actual", "forecast", "forecast_low"),
            *("forecast_high", "is_within"),
        ),
    )


def month_of(day: date) -> tuple[date, date]:
    """The first and last day of a day's month."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return first, after - timedelta(days=1)
