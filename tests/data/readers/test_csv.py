"""CSV as offices write it: right text or a clear word, never mojibake."""

from pathlib import Path

import pytest

from data.readers import read_table, write_rejects
from data.readers.delimited import decode, guess_separator
from territory.errors import InputError
from territory.tables import TABLES

ACCOUNTS = TABLES["accounts"]
HEADER = "account_id,name,lon,lat,visit_minutes"


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "accounts.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le"])
def test_accents_are_read_in_every_western_encoding(tmp_path: Path, encoding: str) -> None:
    rows = "\n".join(f"A{row},Café Müller à Ærø №" for row in range(3)).replace(" №", "")
    text = "account_id,name,lon,lat\n" + rows.replace("Ærø", "Ærø,24.9,60.1") + "\n"
    found = read_table(written(tmp_path, text, encoding), ACCOUNTS)
    assert found.checked.good["name"].tolist() == ["Café Müller à Ærø"] * 3


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_chinese_is_read_from_gbk_and_said(tmp_path: Path, encoding: str) -> None:
    text = f"{HEADER}\nA1,广州市天河区体育西路商店,113.3,23.1,30\nA2,北京朝阳门超市,116.4,39.9,\n"
    found = read_table(written(tmp_path, text, encoding), ACCOUNTS)
    assert found.checked.good["name"].tolist() == ["广州市天河区体育西路商店", "北京朝阳门超市"]
    assert any("gb18030" in note for note in found.notes)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp1250", "Žižkov, Plzeň, Dvořák a Příbram"), ("cp1251", "Москва, улица Правды, магазин")],
)
def test_eastern_encodings_are_told_apart(encoding: str, text: str) -> None:
    found, said = decode(f"name\n{text}\n".encode(encoding), name="x")
    assert (found, said) == (f"name\n{text}\n", f"{encoding} (guessed)")


def test_one_german_word_is_not_taken_for_chinese() -> None:
    text, encoding = decode("name\nGrüße aus Köln, Straße\n".encode("cp1252"), name="x")
    assert text == "name\nGrüße aus Köln, Straße\n"
    assert "gb18030" not in encoding


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_is_found(tmp_path: Path, separator: str) -> None:
    text = HEADER.replace(",", separator) + "\n" + separator.join(["A1", "x", "24.9", "60.1", "30"])
    found = read_table(written(tmp_path, text), ACCOUNTS)
    assert found.checked.good["account_id"].tolist() == ["A1"]
    assert guess_separator(text) == separator


def test_a_decimal_comma_is_read_and_said(tmp_path: Path) -> None:
    text = HEADER.replace(",", ";") + "\nA1;x;24,9412;60,17;1.030,5\nA2;y;24,95;60,18;30\n"
    path = written(tmp_path, text.replace("1.030,5", "30,5"))
    found = read_table(path, ACCOUNTS)
    assert found.checked.good["lon"].tolist() == [24.9412, 24.95]
    assert found.checked.good["visit_minutes"].tolist() == [30.5, 30]
    assert "numbers read with a decimal comma" in found.notes


@pytest.mark.parametrize("given", ["00123", "NA", "1" * 25, "1E5", "-0", "null", "=1+1"])
def test_ids_stay_as_they_stand(tmp_path: Path, given: str) -> None:
    found = read_table(written(tmp_path, f"{HEADER}\n{given},x,24.9,60.1,\n"), ACCOUNTS)
    assert found.checked.good["account_id"].tolist() == [given]


def test_quotes_newlines_and_crlf_stay_in_their_cell(tmp_path: Path) -> None:
    text = f'{HEADER}\r\nA1,"a, ""b""\r\nc",24.9,60.1,30\r\n\r\nA2,  d ,24.9,60.1,30\r\n'
    good = read_table(written(tmp_path, text), ACCOUNTS).checked.good
    assert good["name"].tolist() == ['a, "b"\r\nc', "d"]


def test_ragged_rows_are_faults_and_go_to_the_rejects(tmp_path: Path) -> None:
    rows = ["A1,x,24.9,60.1,30", "A2,y,24.9", "A3,z,24.9,95,30", "A4,z,24.9,60.1,30,7", ""]
    path = written(tmp_path, "\n".join([HEADER, *rows, "A5,,24.9,60.1,"]) + "\n")
    with pytest.raises(InputError, match="3 of 5 rows") as caught:
        read_table(path, ACCOUNTS)
    assert sorted(fault.row or 0 for fault in caught.value.faults) == [3, 4, 5]
    found = read_table(path, ACCOUNTS, skip_bad_rows=True)
    assert found.checked.good["account_id"].tolist() == ["A1", "A5"]
    rejects = write_rejects(tmp_path, found).read_text(encoding="utf-8").splitlines()
    assert rejects[0] == f"rejected_row,rejected_because,{HEADER}"
    assert rejects[1].startswith(
        "4,lat: '95' is not a latitude from -90 to 90 degrees,A3,z,24.9,95"
    )
    assert rejects[2] == '3,3 cells instead of 5,"A2,y,24.9"'


def test_rejects_can_be_corrected_and_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, f'{HEADER}\n00123,"=cmd() {{{{7}}}}",24.9,95,30\n')
    found = read_table(path, ACCOUNTS, skip_bad_rows=True)
    rejects = write_rejects(tmp_path, found)
    rejects.write_text(rejects.read_text("utf-8").replace(",95,", ",60,"), encoding="utf-8")
    again = read_table(rejects, ACCOUNTS)
    assert again.checked.good["account_id"].tolist() == ["00123"]
    assert again.checked.good["name"].tolist() == ["=cmd() {{7}}"]


def test_a_missing_column_stops_even_when_bad_rows_are_skipped(tmp_path: Path) -> None:
    path = written(tmp_path, "account_id,lon\nA1,24.9\n")
    with pytest.raises(InputError, match="'lat'"):
        read_table(path, ACCOUNTS, skip_bad_rows=True)


@pytest.mark.parametrize(
    ("text", "word"),
    [("", "empty"), ("account_id,lon,lon\n", "same name"), (f'{HEADER}\nA1,"x\n', "of 1 rows")],
)
def test_unusable_files_are_said(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        read_table(written(tmp_path, text), ACCOUNTS)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}\nA1,x,24.9,60.1,30\n")
    with pytest.raises(InputError, match="at most 10 are read"):
        read_table(path, ACCOUNTS, max_bytes=10)
    with pytest.raises(InputError, match="no file"):
        read_table(tmp_path / "absent.csv", ACCOUNTS)


def test_a_nul_is_named_in_its_cell(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="NUL"):
        read_table(written(tmp_path, f"{HEADER}\nA1,x\x00y,24.9,60.1,30\n"), ACCOUNTS)
