"""Exports: a list becomes a file, page by page, in a way that survives crashes."""

from .part import Saved, UnfinishedExport, unfinished
from .run import ExportProgress, ExportResult, export

__all__ = ["ExportProgress", "ExportResult", "Saved", "UnfinishedExport", "export", "unfinished"]
