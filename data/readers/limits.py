"""What a file from outside may at most be, refused before it is parsed."""

MAX_FILE_BYTES = 512 * 1024 * 1024
"""Largest file taken."""

MAX_ZIP_MEMBERS = 1_000
"""Most parts in a workbook, which is a zip archive."""

MAX_ZIP_BYTES = 500 * 1024 * 1024
"""Most bytes a workbook may unpack to."""

MAX_ZIP_RATIO = 100
"""Most a workbook may grow when unpacked: real ones grow ten- to thirtyfold."""

MAX_PARQUET_BYTES = 2 * 1024 * 1024 * 1024
"""Most bytes the columns of a Parquet file may unpack to."""

MAX_ROWS = 20_000_000
"""Most rows of a table."""

MAX_COLUMNS = 2_000
"""Most columns of a table."""

GEOPACKAGE_SECONDS = 120
"""How long the child process that reads a GeoPackage may take."""

GEOPACKAGE_MEMORY_BYTES = 8 * 1024 * 1024 * 1024
"""Address space of that child process."""
