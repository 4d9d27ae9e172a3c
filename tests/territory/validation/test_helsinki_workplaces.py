"""Real data: workplaces in trade and accommodation of 2023, from people and incomes of 2022.

84 postal areas of Helsinki (Paavo, Statistics Finland, CC BY 4.0). The regression behind the score
is tried on areas it has not seen, beside the mean per inhabitant; and last year's count is shown,
which any forecast from people alone is far behind.
"""

import json

import numpy as np
import pytest
from pyproj import Transformer

from territory.potential.glm import fit_log_glm
from territory.validation import Accuracy, accuracy, spatial_blocks
from tests.shared import shared_path

WORKPLACES = (
    "G Wholesale and retail trade; repair of motor vehicles and motorcycles (TP)",
    "I Accommodation and food service activities (TP)",
)


def areas(year: int) -> dict[str, dict[str, float]]:
    path = shared_path("geo", "helsinki", f"paavo_{year}.geojson")
    rows = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {row["properties"]["postal_code"]: row["properties"] for row in rows}


@pytest.fixture(scope="module")
def forecasts() -> dict[str, Accuracy]:
    before, after = areas(2022), areas(2023)
    codes = sorted(
        code
        for code in before.keys() & after.keys()
        if min(
            before[code]["Inhabitants, total (HE)"],
            before[code]["Median income of inhabitants"],
            before[code]["Households, total (TE)"],
        )
        > 0
    )

    def column(source: dict[str, dict[str, float]], *names: str) -> np.ndarray:
        return np.array([sum(float(source[code][n] or 0) for n in names) for code in codes])

    people = column(before, "Inhabitants, total (HE)")
    came, last = column(after, *WORKPLACES), column(before, *WORKPLACES)
    causes = [
        people,
        column(before, "Median income of inhabitants"),
        column(before, "Households, total (TE)") / people,
    ]
    design = np.column_stack([np.ones(len(codes)), *(np.log(cause) for cause in causes)])
    design[:, 1:] -= design[:, 1:].mean(axis=0)
    north = Transformer.from_crs("EPSG:3067", "EPSG:4326", always_xy=True)
    lonlat = np.column_stack(
        north.transform(column(before, "X coordinate"), column(before, "Y coordinate"))
    )
    block = spatial_blocks(lonlat)
    ours, plain = np.zeros(len(codes)), np.zeros(len(codes))
    for number in np.unique(block):
        out = block == number
        fit = fit_log_glm(
            design[~out],
            came[~out],
            prior_mean=np.array([0.0, 1.0, 1.0, 0.0]),
            prior_precision=np.array([0.0, 4.0, 4.0, 4.0]),
            variance_power=1.5,
        )
        ours[out] = np.exp(design[out] @ fit.coefficients)
        plain[out] = people[out] * came[~out].sum() / people[~out].sum()
    return {
        "regression": accuracy(ours, came),
        "per inhabitant": accuracy(plain, came),
        "mean": accuracy(np.full(len(codes), came.mean()), came),
        "last year": accuracy(last, came),
    }


def test_people_incomes_and_households_foretell_work_better_than_the_mean(
    forecasts: dict[str, Accuracy],
) -> None:
    assert forecasts["regression"].mean_error < forecasts["per inhabitant"].mean_error
    assert forecasts["regression"].mean_error < forecasts["mean"].mean_error
    assert forecasts["regression"].explained > forecasts["per inhabitant"].explained


def test_last_year_is_the_better_guess_wherever_it_is_known(
    forecasts: dict[str, Accuracy],
) -> None:
    assert forecasts["last year"].explained > 0.95
    assert forecasts["last year"].mean_error < forecasts["regression"].mean_error
