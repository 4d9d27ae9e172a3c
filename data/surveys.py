"""What a market keeps of its survey beside the companies table: sources, decisions, outcome.

Everything lies in one folder of the market: ``sources/NAME.parquet`` as they were read,
``decisions.json`` in the order they were made, and of the last resolution ``records.parquet`` (with
the company of each record), ``origins.parquet`` and ``review.parquet``. Each file appears whole or
not at all.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from territory.errors import Conflict, NotFound
from territory.survey.resolve.model import SOURCES, Decision, Origin, Resolution, origin_at
from territory.survey.resolve.table import SOURCE_RECORDS
from territory.tables.frames import typed_frame


@dataclass(frozen=True, slots=True)
class SurveyFiles:
    """The survey folder of one market."""

    folder: Path

    def save_source(self, source: str, frame: pd.DataFrame) -> None:
        """Keep a source as read, instead of what was kept of it before."""
        _write(self.folder / "sources" / f"{source}.parquet", frame)

    def sources(self) -> dict[str, pd.DataFrame]:
        """The kept sources by name."""
        paths = {source: self.folder / "sources" / f"{source}.parquet" for source in SOURCES}
        return {
            source: typed_frame(pd.read_parquet(path), SOURCE_RECORDS)
            for source, path in paths.items()
            if path.exists()
        }

    def decisions(self) -> tuple[Decision, ...]:
        """The decisions, oldest first."""
        raw = json.loads(self._decided() or "[]")
        return tuple(
            Decision(
                verdict=item["verdict"],
                left=(item["left"][0], item["left"][1]),
                right=(item["right"][0], item["right"][1]),
            )
            for item in raw
        )

    def save_decisions(
        self, decisions: Sequence[Decision], *, instead_of: Sequence[Decision]
    ) -> None:
        """Keep these decisions.

        Raises
        ------
        Conflict
            If those kept are no longer the ones this edit began with.
        """
        if self.decisions() != tuple(instead_of):
            raise Conflict("Somebody else decided meanwhile.", fix="Look at the list again.")
        items = [
            {"verdict": item.verdict, "left": item.left, "right": item.right} for item in decisions
        ]
        path = self.folder / "decisions.json"
        _replace(path, json.dumps(items, ensure_ascii=True, indent=1).encode())

    def save_resolution(self, resolution: Resolution) -> None:
        """Keep what a resolution found: companies of records, origins, review list, flags."""
        _write(self.folder / "records.parquet", resolution.records)
        _write(self.folder / "origins.parquet", resolution.origins.reset_index())
        _write(self.folder / "review.parquet", resolution.review)
        _write(self.folder / "flags.parquet", resolution.flags)

    def review(self) -> pd.DataFrame:
        """The review list of the last resolution.

        Raises
        ------
        NotFound
            If the survey was never resolved.
        """
        return self._read("review")

    def flags(self) -> pd.DataFrame:
        """Records of the last resolution whose place or income is in doubt."""
        return self._read("flags")

    def records(self) -> pd.DataFrame:
        """The records of the last resolution with the company each belongs to."""
        return self._read("records")

    def origins_of(self, company_id: str) -> tuple[Origin, ...]:
        """Where each filled field of a company comes from.

        Raises
        ------
        NotFound
            If the survey was never resolved or has no such company.
        """
        origins = self._read("origins")
        found = origins[origins["company_id"] == company_id]
        if not len(found):
            raise NotFound(f"No company {company_id[:80]!r} came out of the survey.")
        row = found.drop(columns="company_id").iloc[0].to_dict()
        records = self.records()
        return tuple(
            origin_at(records, str(field), int(place)) for field, place in row.items() if place >= 0
        )

    def _decided(self) -> str:
        path = self.folder / "decisions.json"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _read(self, name: str) -> pd.DataFrame:
        path = self.folder / f"{name}.parquet"
        if not path.exists():
            raise NotFound("This market's survey was never resolved.", fix="Resolve it first.")
        return pd.read_parquet(path)


def _write(path: Path, frame: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = frame.copy(deep=False)
    for name in plain.columns:
        if plain[name].dtype == object and name != "source_date":
            plain[name] = plain[name].astype("str")
    if "source_date" in plain:
        told = plain["source_date"].notna()
        days = plain["source_date"].astype("str").where(told, "")
        plain["source_date"] = days.astype("str")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        plain.to_parquet(draft, index=False)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
