"""Peers of entity resolution: a plain matcher on every pair of a block, and splink."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Groups = NDArray[np.int64]
CELL_DEGREES = (0.004, 0.002)  # some 220 m at 60 degrees north
ALIKE = 85.0
SPLINK_PROBABILITY = 0.9


def rapidfuzz_groups(records: pd.DataFrame) -> Groups:
    """Within a cell of some 200 m: names alike by 85 of 100, or the same telephone, are joined."""
    from rapidfuzz import fuzz, process, utils

    names = [utils.default_process(name) for name in records["name"]]
    phones = records["phone"].to_numpy(dtype=object)
    cells = pd.Series(np.arange(len(records))).groupby(_cells(records)).indices
    left: list[NDArray[np.intp]] = []
    right: list[NDArray[np.intp]] = []
    for rows in cells.values():
        block = [names[row] for row in rows]
        score = process.cdist(block, block, scorer=fuzz.token_sort_ratio, workers=2)
        has_name = np.array([bool(name) for name in block])
        phone = phones[rows]
        alike = (score >= ALIKE) & has_name[:, None] & has_name[None, :]
        alike |= (phone[:, None] == phone[None, :]) & (phone != "")[:, None]
        one, other = np.nonzero(np.triu(alike, 1))
        left.append(rows[one])
        right.append(rows[other])
    return _components(len(records), np.concatenate(left), np.concatenate(right))


def _cells(records: pd.DataFrame) -> NDArray[np.int64]:
    east = np.floor(records["lon"].to_numpy() / CELL_DEGREES[0]).astype(np.int64)
    north = np.floor(records["lat"].to_numpy() / CELL_DEGREES[1]).astype(np.int64)
    return east * 1_000_000 + north


def _components(count: int, left: NDArray[np.integer], right: NDArray[np.integer]) -> Groups:
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def splink_groups(records: pd.DataFrame) -> Groups:
    """Splink on DuckDB as its guide has it: u by random pairs, m by expectation maximisation."""
    import splink.comparison_library as compared
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    cell = _cells(records)
    frame = pd.DataFrame(
        {
            "unique_id": np.arange(len(records)),
            "name": records["name"].str.lower().replace("", None),
            "phone": records["phone"].str.replace(r"\D", "", regex=True).replace("", None),
            "brand": records["brand"].str.lower().replace("", None),
            "category": records["category"].replace("", None),
            "lon": records["lon"],
            "lat": records["lat"],
            "cell": cell,
        }
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compared.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.75]),
            compared.DistanceInKMAtThresholds("lat", "lon", [0.015, 0.05, 0.16]),
            compared.ExactMatch("phone"),
            compared.ExactMatch("brand"),
            compared.ExactMatch("category"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("phone"),
            block_on("cell", "category"),
            block_on("cell", "substr(name, 1, 3)"),
        ],
    )
    linker = Linker(DuckDBAPI().register(frame), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("phone")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("phone"), record_sample_proportion=1.0
    )
    linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("cell", "name"), record_sample_proportion=1.0
    )
    pairs = linker.inference.predict(threshold_match_probability=SPLINK_PROBABILITY)
    found = pairs.as_pandas_dataframe()
    return _components(
        len(records), found["unique_id_l"].to_numpy(), found["unique_id_r"].to_numpy()
    )
