"""The table a survey source's file is read as: a company's columns under the source's own ids."""

from dataclasses import replace

from territory.survey.resolve.model import SOURCES
from territory.tables import TABLES, Column, TableSpec

SOURCE_RECORDS = TableSpec(
    name="companies",
    sentence="Records of one survey source; a place may be missing.",
    key=("source_record_id",),
    columns=(
        Column(
            name="source_record_id",
            kind="id",
            sentence="The source's own id of the record.",
            required=True,
            aliases=("id", "record_id", "company_id"),
        ),
        *(
            replace(
                column,
                required=False,
                aliases=("observed_on", "surveyed_on", "date")
                if column.name == "source_date"
                else column.aliases,
            )
            for column in TABLES["companies"].columns
            if column.name not in ("company_id", "source")
        ),
    ),
)
"""Read by the same readers and checks as every table."""


def is_survey_id(company_id: str) -> bool:
    """Whether resolution gave this id: a source, a colon, the record the company is named after."""
    return company_id.partition(":")[0] in SOURCES and ":" in company_id
