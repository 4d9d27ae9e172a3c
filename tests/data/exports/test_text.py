"""Names and cells made from user text are harmless."""

import pytest

from data.exports.text import clean, guarded, slug, unique


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("-5", "'-5"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("", ""),
        ("00123", "00123"),
    ],
)
def test_only_texts_a_spreadsheet_would_run_get_an_apostrophe(text, cell):
    assert guarded(text) == cell


def test_control_characters_and_lone_surrogates_are_replaced_but_not_line_breaks():
    assert clean("a\x00b\x1fc\ud800d\ne\tf") == "a\ufffdb\ufffdc\ufffdd\ne\tf"


def test_a_plain_word_is_its_own_slug():
    assert slug("helsinki-2026") == "helsinki-2026"


@pytest.mark.parametrize("text", ["../../x", "CON", "", "عربى", "a" * 500, "a/b\\c:d", ".hidden"])
def test_a_slug_is_never_a_path_and_never_empty(text):
    name = slug(text)
    assert name
    assert len(name) <= 47
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_different_ids_keep_different_slugs():
    assert len({slug(text) for text in ("A 1", "A-1", "a/1", "a-1")}) == 4


def test_repeated_names_are_numbered():
    assert unique(["a", "b", "a", "a"]) == ["a", "b", "a-2", "a-3"]
