"""Text from users, made harmless for files: no control characters, no live cells, no paths."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def clean(text: str) -> str:
    """The text without characters that XML, spreadsheets or calendars cannot hold."""
    return _CONTROL.sub("\ufffd", text)


def guarded(text: str) -> str:
    """The text as a CSV cell: one that a spreadsheet would run gets a leading apostrophe.

    CSV has no types, so a program that opens it takes cells starting with = + - @ tab, CR or LF
    (or the full-width signs) for formulas. Numbers are not texts and keep their minus sign.
    """
    text = clean(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def slug(text: str) -> str:
    """A file name part of a-z, 0-9 and "-", at most 40 long, never empty, never a path.

    Text that loses anything on the way ends in six hexadecimal digits of its hash, so that
    different ids stay different and the same id always gives the same name.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub("[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")
    if words and words == text:
        return words
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{words}-{digest}" if words else digest


def unique(names: Iterable[str]) -> list[str]:
    """The names, a repeated one followed by "-2", "-3" and so on."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return result
