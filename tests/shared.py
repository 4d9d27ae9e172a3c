"""Where the shared instances and city data are, or a clear word that they are absent."""

import os
from pathlib import Path

import pytest


def shared_root() -> Path:
    """The shared folder: FIELDWRIGHT_SHARED, else ../shared beside the checkout."""
    named = os.environ.get("FIELDWRIGHT_SHARED")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared"


def shared_path(*parts: str) -> Path:
    """A file or folder of the shared data; skips the calling test when it is absent."""
    path = shared_root().joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared data {'/'.join(parts)} is absent (set FIELDWRIGHT_SHARED)")
    return path
