"""Order satisfaction: what came in full and on time of what was promised, and who explains it."""

from territory.fulfilment.causes import OTHERS, causes
from territory.fulfilment.intervals import FEW_ORDERS, Rate, effective_count, verdict, wilson
from territory.fulfilment.orders import (
    CENT,
    PROMISE_DAYS,
    monday_of,
    order_facts,
    percent,
    rate_of,
    rows_where,
    satisfaction,
)

__all__ = [
    "CENT",
    "FEW_ORDERS",
    "OTHERS",
    "PROMISE_DAYS",
    "Rate",
    "causes",
    "effective_count",
    "monday_of",
    "order_facts",
    "percent",
    "rate_of",
    "rows_where",
    "satisfaction",
    "verdict",
    "wilson",
]
