"""What the installed distributions say about themselves is true, and what they need is pinned."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata, resources
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
#: The adapter that this run does without; see the conftest.
WITHOUT = os.environ.get("SAGICC_ASYNC_WITHOUT")
PROJECTS = {
    canonicalize_name(project["name"]): project
    for file in (ROOT / "pyproject.toml", *sorted(ROOT.glob("adapters/*/pyproject.toml")))
    if file.parent.name != WITHOUT
    for project in [tomllib.loads(file.read_text(encoding="utf-8"))["project"]]
}
PINS = {
    canonicalize_name(pin.name): pin
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for pin in [Requirement(line)]
}
ADAPTERS = [name for name in PROJECTS if name != "sagicc-async"]


def requirements(project: dict) -> list[Requirement]:
    extras = project.get("optional-dependencies", {}).values()
    return [Requirement(text) for texts in (project["dependencies"], *extras) for text in texts]


def imported(name: str) -> set[str]:
    """Top-level names, not the standard library's, that a distribution's package imports."""
    package = name.replace("-", "_")
    found: set[str] = set()
    for file in Path(str(resources.files(package))).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.partition(".")[0])
    return found - {package} - sys.stdlib_module_names


@pytest.mark.parametrize("name", PROJECTS)
def test_the_installed_version_is_that_of_the_sources(name):
    assert metadata.version(name) == PROJECTS[name]["version"]


@pytest.mark.parametrize("name", PROJECTS)
def test_each_distribution_is_typed_and_licensed(name):
    assert resources.files(name.replace("-", "_")).joinpath("py.typed").is_file()
    assert metadata.metadata(name)["License-Expression"] == "MIT"


def test_the_promised_extras_exist():
    assert set(metadata.metadata("sagicc-async").get_all("Provides-Extra")) == {
        "bench",
        "cli",
        "dev",
        "engine",
        "otel",
        "parquet",
        "postgres",
        "prometheus",
        "redis",
        "sync",
        "testing",
    }


def test_the_command_is_installed_and_loads():
    (command,) = metadata.entry_points(group="console_scripts", name="sagicc-async")

    assert callable(command.load())


def test_the_pytest_plugin_is_found_under_its_modules_own_name():
    (plugin,) = [
        entry for entry in metadata.entry_points(group="pytest11") if entry.value == "sagicc_async.testing.plugin"
    ]

    assert plugin.name == plugin.value
    assert callable(plugin.load().sandbox)


def test_the_adapter_that_this_run_does_without_is_the_one_that_is_not_there():
    folders = [folder.name for folder in ROOT.glob("adapters/*") if (folder / "pyproject.toml").is_file()]

    missing = [name for name in folders if importlib.util.find_spec(f"sagicc_async_{name}") is None]

    assert missing == ([WITHOUT] if WITHOUT else [])


@pytest.mark.parametrize("group", ["sagicc_async.adapters", "sagicc_async.sandboxes"])
def test_every_adapter_and_its_sandbox_are_found_and_load(group):
    found = {entry.dist.name: entry.load() for entry in metadata.entry_points(group=group)}

    assert found.keys() >= PROJECTS.keys() - {"sagicc-async"}
    assert all(isinstance(loaded, type) for loaded in found.values())


def test_an_adapter_asks_for_a_core_that_exists():
    core = Version(PROJECTS["sagicc-async"]["version"])
    asked = [need for name in PROJECTS for need in requirements(PROJECTS[name]) if need.name == "sagicc-async"]

    assert asked
    assert all(core in need.specifier for need in asked)


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_requires_what_it_imports_and_nothing_else(name):
    asked = {need.name for need in requirements(PROJECTS[name])}

    assert {canonicalize_name(module) for module in imported(name)} == asked  # each is named as its distribution is


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_and_the_core_ask_for_the_same_versions(name):
    core = {need.name: need.specifier for need in requirements(PROJECTS["sagicc-async"])}
    asked = {need.name: need.specifier for need in requirements(PROJECTS[name]) if need.name != "sagicc-async"}

    assert asked == {shared: core[shared] for shared in asked}


def test_constraints_pin_everything_exactly_and_name_no_place():
    for name, pin in PINS.items():
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), name
        assert pin.url is None, name


@pytest.mark.parametrize("name", PROJECTS)
def test_everything_that_is_required_is_pinned_within_its_bounds(name):
    needs = [need for need in requirements(PROJECTS[name]) if canonicalize_name(need.name) not in PROJECTS]

    for need in needs:
        (pin,) = PINS[canonicalize_name(need.name)].specifier
        assert pin.version in need.specifier, need


def test_importing_the_core_brings_no_extra_and_no_sandbox_with_it():
    heavy = {"pyarrow", "rich", "cyclopts", "aiohttp.web", "sqlite3", "aioresponses", "pytest"}
    heavy |= {"opentelemetry", "prometheus_client"}
    shown = "import sys, sagicc_async; print(*sorted(sys.modules))"

    run = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, timeout=60, check=True)

    assert heavy & set(run.stdout.split()) == set()
