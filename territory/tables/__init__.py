"""The market tables: one specification each, from which checks, store and docs follow."""

from collections.abc import Mapping

from territory.tables.accounts import ACCOUNT_TABLES
from territory.tables.model import SYNTHETIC, Column, Kind, TableSpec
from territory.tables.people import PEOPLE_TABLES
from territory.tables.sales import SALES_TABLES
from territory.tables.survey import SURVEY_TABLES

TABLES: Mapping[str, TableSpec] = {
    table.name: table for table in (*SURVEY_TABLES, *PEOPLE_TABLES, *ACCOUNT_TABLES, *SALES_TABLES)
}
"""All market tables by name."""

__all__ = ["SYNTHETIC", "TABLES", "Column", "Kind", "TableSpec"]
