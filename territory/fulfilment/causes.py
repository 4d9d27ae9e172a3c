"""The accounts that explain a change of order satisfaction: parts that sum to it exactly.

With w the account's share of what was ordered and r its rate, a change R1 - R0 = sum w1 r1 -
sum w0 r0 is the sum over accounts of

- rate: mean(w) x (r1 - r0), the account was served better or worse;
- mix: (w1 - w0) x (mean(r) - mean(R)), it orders more or less than before and is served unlike
  the rest.

An account that ordered in one of the two periods only has no change of rate, all of it is mix.
"""

import numpy as np
import pandas as pd

OTHERS = ""
"""The account id of the row that sums the accounts which are not listed."""


def causes(now: pd.DataFrame, before: pd.DataFrame, *, most: int) -> pd.DataFrame:
    """The ``most`` accounts that move the rate most, the largest fall first, and the others' row.

    ``now`` and ``before`` are ``satisfaction`` by account. Columns: account_id, orders_before,
    ordered_before, percent_before, orders, ordered, percent (nan without orders), mix_points,
    rate_points, points. ``points`` of all rows sum to the change in percentage points; no rows
    where a period has nothing ordered.
    """
    parts = _parts(now, before)
    if len(parts) <= most:
        return parts.sort_values(["points", "account_id"], ignore_index=True)
    order = np.lexsort((parts["account_id"], -parts["points"].abs()))
    listed, rest = parts.iloc[order[:most]], parts.iloc[order[most:]]
    listed = listed.sort_values(["points", "account_id"], ignore_index=True)
    return pd.concat([listed, _others(rest)], ignore_index=True)


def _parts(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    wanted = ["orders", "ordered", "satisfied"]
    earlier = before[wanted].add_suffix("_before")
    both = now[wanted].join(earlier, how="outer").fillna(0.0).sort_index()
    total, total_before = both["ordered"].sum(), both["ordered_before"].sum()
    if not (total > 0 and total_before > 0):
        both = both.iloc[:0]
        total = total_before = 1.0  # of no rows: any whole will do
    share, share_before = both["ordered"] / total, both["ordered_before"] / total_before
    rate = (both["satisfied"] / both["ordered"].where(both["ordered"] > 0)).astype(float)
    rate_before = both["satisfied_before"] / both["ordered_before"].where(
        both["ordered_before"] > 0
    )
    known, known_before = rate.fillna(rate_before).fillna(0), rate_before.fillna(rate).fillna(0)
    middle = (both["satisfied"].sum() / total + both["satisfied_before"].sum() / total_before) / 2
    mix = (share - share_before) * ((known + known_before) / 2 - middle)
    served = (share + share_before) / 2 * (known - known_before)
    return pd.DataFrame(
        {
            "account_id": both.index.astype(str),
            "orders_before": both["orders_before"].to_numpy(),
            "ordered_before": both["ordered_before"].to_numpy(),
            "percent_before": 100 * rate_before.to_numpy(),
            "orders": both["orders"].to_numpy(),
            "ordered": both["ordered"].to_numpy(),
            "percent": 100 * rate.to_numpy(),
            "mix_points": 100 * mix.to_numpy(),
            "rate_points": 100 * served.to_numpy(),
            "points": 100 * (mix + served).to_numpy(),
        }
    )


def _others(rest: pd.DataFrame) -> pd.DataFrame:
    summed = [
        *("orders_before", "ordered_before", "orders", "ordered"),
        *("mix_points", "rate_points", "points"),
    ]
    row = {name: float(rest[name].sum()) for name in summed}
    satisfied = (rest["ordered"] * rest["percent"].fillna(0)).sum()
    satisfied_before = (rest["ordered_before"] * rest["percent_before"].fillna(0)).sum()
    row["percent"] = satisfied / row["ordered"] if row["ordered"] > 0 else np.nan
    row["percent_before"] = (
        satisfied_before / row["ordered_before"] if row["ordered_before"] > 0 else np.nan
    )
    return pd.DataFrame([{"account_id": OTHERS, **row}])[list(rest.columns)]
