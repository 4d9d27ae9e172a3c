"""What all tests share: compiled kernels are kept between runs, and nothing reaches a network."""

import os
from pathlib import Path

from hypothesis import settings

from tests.browser.chromium import browser as browser  # fixtures, one Chromium for all
from tests.browser.chromium import open_page as open_page

ROOT = Path(__file__).resolve().parents[1]

os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / "var" / "numba"))
os.environ.setdefault("PROJ_NETWORK", "OFF")

settings.register_profile("fieldwright", deadline=None)  # a busy machine is no failure
settings.load_profile("fieldwright")
