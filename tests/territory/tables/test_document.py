"""docs/tables.md says exactly what the specifications say."""

from pathlib import Path

from territory.tables import TABLES
from territory.tables.document import document


def test_the_written_page_is_the_generated_one() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "tables.md"
    assert page.read_text(encoding="utf-8").endswith(document())


def test_every_table_and_column_is_described() -> None:
    text = document()
    for spec in TABLES.values():
        assert f"## {spec.name}\n\n{spec.sentence}" in text
        for column in spec.columns:
            assert f"| `{column.name}` | {column.kind} |" in text
            assert column.sentence in text
