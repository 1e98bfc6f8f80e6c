"""Sagicc for sagicc-async."""

from .adapter import Sagicc, SagiccSettings
from .auth import SagiccAuth, SagiccCredentials
from .catalogue import Catalogue
from .conditions import Column, Columns, Comparison, Condition, F, Joined
from .envelope import Extent, Found, find_record, find_rows
from .lineal import unflatten
from .models import model, relation
from .notices import SagiccWarning
from .probe import Probe
from .query import Dialect, Query
from .readers import Instance
from .resource import ModelResource
from .written import Written

__all__ = [
    "Catalogue",
    "Column",
    "Columns",
    "Comparison",
    "Condition",
    "Dialect",
    "Extent",
    "F",
    "Found",
    "Instance",
    "Joined",
    "ModelResource",
    "Probe",
    "Query",
    "Sagicc",
    "SagiccAuth",
    "SagiccCredentials",
    "SagiccSettings",
    "SagiccWarning",
    "Written",
    "find_record",
    "find_rows",
    "model",
    "relation",
    "unflatten",
]
