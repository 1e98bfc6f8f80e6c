"""Every adapter of this repository runs the suite, and what of it does not apply to one is written down in one place."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from sagicc_async import installed_adapters
from sagicc_async.testing.conformance import Conformance, not_applicable

from .not_applicable import NOT_APPLICABLE

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(project.parent for project in ROOT.glob("adapters/*/pyproject.toml"))
RUNS = {folder.name: folder / "tests" / "test_conformance.py" for folder in FOLDERS}
INSTALLED = [found.vendor for found in installed_adapters() if found.vendor in RUNS]


def run_of(vendor) -> type[Conformance]:
    """The suite of an adapter, from its own tests."""
    spec = importlib.util.spec_from_file_location(f"conformance_of_{vendor}", RUNS[vendor])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (suite,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Conformance) and value is not Conformance
    )
    return suite


@pytest.mark.parametrize("vendor", RUNS)
def test_every_adapter_runs_the_suite(vendor):
    assert RUNS[vendor].is_file(), "Add a test_conformance.py, with a class that derives from Conformance."


@pytest.mark.parametrize("vendor", INSTALLED)
async def test_what_does_not_apply_is_known(vendor):
    missing = await not_applicable(run_of(vendor).subject())

    assert missing == NOT_APPLICABLE.get(vendor, {}), "Say so in not_applicable.py."
