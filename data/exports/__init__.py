"""Exports: plans and market tables as csv, xlsx, geojson, gpkg, ics and gpx."""

from data.exports.context import FORMATS, MEDIA_TYPES, ExportContext, ExportFormat, ExportKind
from data.exports.export import ExportedFile, bundle, export, render

__all__ = [
    "FORMATS",
    "MEDIA_TYPES",
    "ExportContext",
    "ExportFormat",
    "ExportKind",
    "ExportedFile",
    "bundle",
    "export",
    "render",
]
