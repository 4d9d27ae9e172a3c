"""A market learns from its own timed drives how long its roads take."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from api.usecases.imports import market_points
from api.usecases.workspace import Workspace
from territory.errors import InputError, MissingPart
from territory.travel import Mode

if TYPE_CHECKING:
    from data.travel.calibration import TimeCalibration


def calibrate_roads(
    workspace: Workspace,
    market: str,
    path: Path,
    *,
    mode: str = "",
    progress: Callable[[str, float], None] | None = None,
) -> tuple[str, ...]:
    """Fit a market's road times to the drives of a file; every later answer uses the factors.

    What is told is the error before and after. If the factors tell unseen drives no better than
    the roads do by themselves, the roads keep their own times and nothing is saved.

    Raises
    ------
    InputError
        If a row of the file is bad, or too few drives can be driven.
    MissingPart
        If the market has no roads for this mode.
    """
    from data.travel.fitting import fit_calibration
    from data.travel.observed import read_observed

    found = workspace.store.market(market)
    way = _mode_of(mode or found.settings.mode)
    network = workspace.network(market, way)
    if network is None:
        raise MissingPart(
            f"{market!r} has no roads by {way}.",
            fix=f"Run: fieldwright roads {market} --mode {way}",
        )
    observed = read_observed(path, market_points=market_points(found))
    calibration = fit_calibration(network, observed, progress=progress)
    if not calibration.is_neutral:
        workspace.save_calibration(market, way, calibration)
    return tuple(_said(calibration, way))


def forget_calibration(workspace: Workspace, market: str, *, mode: str = "") -> tuple[str, ...]:
    """Let a market's roads take the times of the network again."""
    found = workspace.store.market(market)
    way = _mode_of(mode or found.settings.mode)
    workspace.save_calibration(market, way, None)
    return (f"roads, {way}: times of the network",)


def _mode_of(mode: str) -> Mode:
    if mode not in ("car", "foot", "bicycle"):
        raise InputError(f"{mode!r} is no mode of travel.", fix="Modes: car, foot, bicycle.")
    return cast(Mode, mode)


def _said(calibration: "TimeCalibration", mode: Mode) -> list[str]:
    left = f", {calibration.left_out:,} left out" if calibration.left_out else ""
    lines = [
        f"roads, {mode}: {calibration.trips:,} drives used{left}",
        f"before: {calibration.before}",
        f"after, on drives not fitted on: {calibration.after}",
    ]
    if calibration.is_neutral:
        return [*lines, "no better: the roads keep the times they had"]
    factors = sorted(calibration.class_factors.items(), key=lambda item: -abs(item[1] - 1))
    lines += [f"{name} x {factor:.2f}" for name, factor in factors]
    return [*lines, f"turns x {calibration.turn_factor:.2f}"]
