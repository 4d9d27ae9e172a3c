"""Readers: files of the user, of any of five formats, become checked rows of a market table."""

from data.readers.read import ReadResult, guess_table, read_table, write_rejects

__all__ = ["ReadResult", "guess_table", "read_table", "write_rejects"]
