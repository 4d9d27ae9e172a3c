"""Keys: who may come in once the service leaves loopback.

A key is ``fw_<id>_<secret>``; only the SHA-256 of the secret is kept (256 random bits need no slow
hash). Without any key the service answers on loopback only, and only to requests that name a
loopback host, so that a page elsewhere cannot reach it by rebinding a name.
"""

import hashlib
import hmac
import ipaddress
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from territory.errors import Conflict, InputError, NotFound

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key as it is kept: no secret, only its hash."""

    key_id: str
    name: str
    secret_sha256: str
    created: str


def is_loopback(host: str) -> bool:
    """Whether an address or name can only be reached from this machine."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class KeyRing:
    """The keys of one service, kept in a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys(self) -> Mapping[str, Key]:
        """All keys by id."""
        if not self._path.exists():
            return {}
        rows = json.loads(self._path.read_text(encoding="utf-8"))
        return {row["key_id"]: Key(**row) for row in rows}

    def add(self, name: str) -> str:
        """Make a key and return its text, which is shown once and never kept.

        Raises
        ------
        InputError
            If the name is empty.
        Conflict
            If a key of this name exists.
        """
        if not name.strip():
            raise InputError("A key needs a name.", fix="Name who will use it.")
        keys = dict(self.keys())
        if any(key.name == name for key in keys.values()):
            raise Conflict(f"There is a key named {name!r} already.", fix="Remove it first.")
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        keys[key_id] = Key(
            key_id=key_id,
            name=name,
            secret_sha256=_digest(secret),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self._write(keys)
        return f"fw_{key_id}_{secret}"

    def remove(self, name: str) -> None:
        """Take a key away; requests that carry it are refused from now on."""
        keys = {key_id: key for key_id, key in self.keys().items() if key.name != name}
        if len(keys) == len(self.keys()):
            raise NotFound(f"There is no key named {name!r}.")
        self._write(keys)

    def holder(self, text: str) -> Key | None:
        """The key that this text opens with, None if it opens nothing."""
        parts = text.split("_", 2)
        if len(parts) != 3 or parts[0] != "fw":
            return None
        key = self.keys().get(parts[1])
        if key is None or not hmac.compare_digest(key.secret_sha256, _digest(parts[2])):
            return None
        return key

    def _write(self, keys: Mapping[str, Key]) -> None:
        rows = [{field: getattr(key, field) for field in Key.__slots__} for key in keys.values()]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
        draft.replace(self._path)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
