"""Keys open the door, and only they do; no secret is kept."""

import stat
from pathlib import Path

import pytest

from api.auth import KeyRing, is_loopback
from territory.errors import Conflict, InputError, NotFound


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json")


def test_a_new_key_opens_and_names_its_holder(ring: KeyRing) -> None:
    text = ring.add("planner")
    holder = ring.holder(text)
    assert holder is not None
    assert holder.name == "planner"


def test_the_secret_is_not_in_the_file_and_only_the_owner_reads_it(
    ring: KeyRing, tmp_path: Path
) -> None:
    secret = ring.add("planner").split("_", 2)[2]
    path = tmp_path / "keys.json"
    assert secret not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "fw_", "fw_x_y", "nonsense", "fw__", "fw_a_b_c"])
def test_what_is_no_key_opens_nothing(ring: KeyRing, text: str) -> None:
    ring.add("planner")
    assert ring.holder(text) is None


def test_a_wrong_secret_under_a_right_id_opens_nothing(ring: KeyRing) -> None:
    text = ring.add("planner")
    assert ring.holder(text[:-1] + ("a" if text[-1] != "a" else "b")) is None


def test_a_removed_key_opens_nothing_any_more(ring: KeyRing) -> None:
    text = ring.add("planner")
    ring.remove("planner")
    assert ring.holder(text) is None
    with pytest.raises(NotFound):
        ring.remove("planner")


def test_a_name_is_needed_and_used_once(ring: KeyRing) -> None:
    ring.add("planner")
    with pytest.raises(Conflict):
        ring.add("planner")
    with pytest.raises(InputError):
        ring.add("  ")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.1.5", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_the_rest(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
