"""`new-adapter`: which names it takes, what it never overwrites, and that what it writes works at once."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import ConfigError, installed_adapters
from sagicc_async.scaffold import Names, create_adapter, names_for

WORDS = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
NAMES = st.builds("v{}".format, st.lists(WORDS, min_size=1, max_size=3).map("-".join))


def contents(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def imported(text: str) -> set[str]:
    """The names that a module imports from elsewhere than its own distribution."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) and not node.level]
    return {alias.name for node in nodes if not node.module.startswith("sagicc_async_") for alias in node.names}


def test_a_name_has_its_spellings():
    names = Names(vendor="mi-tienda-2")

    assert (names.distribution, names.package) == ("sagicc-async-mi-tienda-2", "sagicc_async_mi_tienda_2")
    assert (names.adapter, names.title, names.variables) == ("MiTienda2", "Mi Tienda 2", "MI_TIENDA_2")


@pytest.mark.parametrize(
    "name", ["", "Tienda", "mi_tienda", "mi tienda", "-tienda", "tienda-", "a--b", "2x", "niño", "../x", "x" * 31]
)
def test_what_is_no_name_is_refused_with_what_would_be_one(tmp_path, name):
    with pytest.raises(ConfigError, match="small letters and digits, with hyphens between words"):
        create_adapter(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["none", "true", "exception", "adapter", "secret", "not-found", "sandbox", "reply"])
def test_a_name_whose_class_would_hide_another_is_refused(name):
    with pytest.raises(ConfigError, match="would hide another"):
        names_for(name)


def test_a_name_whose_class_would_hide_what_the_new_adapter_imports_is_refused(tmp_path):
    made = create_adapter("tienda", tmp_path)
    names = {name for path, text in contents(made).items() if path.endswith(".py") for name in imported(text)}
    classes = {name for name in names if re.fullmatch("([A-Z][a-z0-9]+)+", name)}

    assert {"Conformance", "Decimal", "LocalVendor"} <= classes
    for name in classes:
        with pytest.raises(ConfigError, match=f"its class {name} would hide another"):
            names_for(re.sub("(?<!^)([A-Z])", r"-\1", name).lower())


@pytest.mark.parametrize("name", ["test", "testing", "testco", "test-co"])
def test_a_name_whose_classes_pytest_would_take_for_tests_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match=f"pytest would take its class {Names(vendor=name).adapter} for one of tests"):
        create_adapter(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_an_installed_adapter_has_is_refused():
    taken = installed_adapters()[0]

    with pytest.raises(ConfigError, match=f"'{taken.vendor}' is installed already, by {taken.distribution}"):
        names_for(taken.vendor)


@pytest.mark.parametrize("there", ["a file", "a folder", "an empty folder"])
def test_what_is_there_stays_as_it_is(tmp_path, there):
    place = tmp_path / "sagicc-async-tienda"
    if there == "a file":
        place.write_text("mine")
    else:
        place.mkdir()
        if there == "a folder":
            (place / "README.md").write_text("mine")
    before = contents(tmp_path)

    with pytest.raises(ConfigError, match="is there already; nothing is overwritten"):
        create_adapter("tienda", tmp_path)

    assert contents(tmp_path) == before


def test_what_cannot_be_written_whole_is_not_there(tmp_path, files_of_at_most):
    with files_of_at_most(1000), pytest.raises(OSError, match="File too large"):
        create_adapter("tienda", tmp_path)

    assert list(tmp_path.iterdir()) == []


@given(NAMES)
def test_nothing_of_the_template_is_left_and_every_file_is_python(tmp_path_factory, name):
    made = create_adapter(name, tmp_path_factory.mktemp("made"))

    for path, text in contents(made).items():
        assert "acme" not in (path + text).lower()
        assert "CORE_VERSION" not in text
        assert not path.endswith(".template")
        if path.endswith(".py"):
            ast.parse(text)
        elif path.endswith(".toml"):
            tomllib.loads(text)


def test_what_it_asks_for_is_the_core_that_wrote_it(tmp_path):
    made = create_adapter("tienda", tmp_path)
    needs = tomllib.loads((made / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]

    assert f"sagicc-async>={version('sagicc-async').rpartition('.')[0]}" in needs


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A new adapter, and the environment in which it counts as installed: on the path, with its entry points."""
    made = create_adapter("mi-tienda", tmp_path_factory.mktemp("new"))
    installed = tmp_path_factory.mktemp("installed")
    declared = tomllib.loads((made / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = installed / f"{declared['name'].replace('-', '_')}-{declared['version']}.dist-info"
    info.mkdir()
    named = f"Metadata-Version: 2.1\nName: {declared['name']}\nVersion: {declared['version']}\n"
    (info / "METADATA").write_text(named, encoding="utf-8")
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in declared["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    return made, {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(made)])}


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(("pytest", "-p", "sagicc_async.testing.plugin"), id="its own tests"),
        pytest.param(("mypy", "--no-incremental"), id="types"),
        pytest.param(("ruff", "check", "--no-cache"), id="rules"),
        pytest.param(("ruff", "format", "--check", "--no-cache"), id="format"),
    ],
)
def test_it_passes_at_once(project, program):
    made, environment = project

    ended = subprocess.run(
        [sys.executable, "-m", *program], cwd=made, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_it_is_found_as_any_installed_adapter(project):
    _, environment = project
    command = [sys.executable, "-c", "from sagicc_async.cli import main; main()", "adapters", "--json"]

    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    (mine,) = [adapter for adapter in json.loads(shown.stdout) if adapter["vendor"] == "mi-tienda"]
    assert (mine["error"], mine["distribution"], mine["resources"]) == (None, "sagicc-async-mi-tienda", ["item"])
