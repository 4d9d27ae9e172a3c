"""What all tests share: compiled kernels are kept between runs, and nothing reaches a network."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / "var" / "numba"))
os.environ.setdefault("PROJ_NETWORK", "OFF")
