"""The rules of the house: imports never run upwards, the core knows no vendor, adapters use the public face only."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import sagicc_async

ROOT = Path(__file__).parent.parent
CORE = ROOT / "sagicc_async"
CORE_FILES = sorted(CORE.rglob("*.py"))
ADAPTER_FILES = sorted(ROOT.glob("adapters/*/sagicc_async_*/**/*.py"))
# What stands around an adapter's package, and uses it as its users do.
AROUND_ADAPTERS = sorted({*ROOT.glob("adapters/*/*/**/*.py")} - {*ADAPTER_FILES})
CORE_TESTS = sorted(ROOT.glob("tests/**/*.py"))
FACE = "__init__"

# From the ground up. A room may import from its own floor and from those below.
FLOORS = [
    {"errors", "secrets", "clock", "interrupt", "findings", "private_folder", "setting_values"},
    {"wire", "tokens"},
    {"observe"},
    {"error_share"},
    {"outcome", "exchange", "gate", "records"},
    {"auth", "account"},
    {"resource"},
    {"adapter", "declared"},
    {"registry", "opened", "manager", "config", "vendor_names"},
    {"export", "sync", "sandbox"},
    {"testing"},
    {FACE},
    {"scaffold"},
    {"cli", "__main__"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Side by side on one floor, or a floor apart, and yet strangers to each other.
STRANGERS = {
    "wire": {"tokens"},
    "tokens": {"wire"},
    "gate": {"records"},
    "exchange": {"records"},
    "outcome": {"records"},
    "records": {"gate", "exchange", "outcome", "tokens"},
}

PUBLIC_TO_ADAPTERS = {"sagicc_async", "sagicc_async.declared", "sagicc_async.sandbox", "sagicc_async.testing"}
PUBLIC_TO_USERS = PUBLIC_TO_ADAPTERS | {
    "sagicc_async.cli",
    "sagicc_async.export",
    "sagicc_async.testing.conformance",
}
VENDORS = re.compile(r"serpi|siigo|operand|sagicc(?![-_ ]?async)", re.IGNORECASE)
MOST_LINES = 450  # 400 is the rule; a file that grows past it is split soon, not in the middle of something else


def runtime_imports(source: str, package: str) -> Iterator[str]:
    """
    Name every module that the source imports when it runs, at the top or later, but not for type checkers alone.

    Args:
        source: Python source code.
        package: The dotted name of the package that the source lies in; relative imports start there.

    Yields:
        Dotted names. `from a import b` gives `a.b`, as `b` may be a module.
    """
    for node in running_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk all nodes but the bodies of `if TYPE_CHECKING:`."""
    yield node
    if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
        children: list[ast.stmt] = node.orelse
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from running_nodes(child)


def room_of(file: Path) -> str:
    return file.relative_to(CORE).parts[0].removesuffix(".py")


def rooms_imported_by(file: Path) -> set[str]:
    """The rooms, other than its own, that a file of the core imports from."""
    package = ".".join(file.relative_to(ROOT).parent.parts)
    rooms = {
        parts[1] if len(parts) > 1 and parts[1] in rooms_of_the_core() else FACE
        for parts in (name.split(".") for name in runtime_imports(file.read_text(encoding="utf-8"), package))
        if parts[0] == CORE.name
    }
    return rooms - {room_of(file)}


def rooms_of_the_core() -> set[str]:
    return {room_of(file) for file in CORE_FILES}


def words_of_the_code(source: str) -> Iterator[tuple[int, str]]:
    """All names and texts that the program uses, with their lines; docstrings are for the reader and left out."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if id(node) in docstrings:
            continue
        for _, value in ast.iter_fields(node):
            for word in value if isinstance(value, list) else [value]:
                if isinstance(word, str | bytes):
                    yield getattr(node, "lineno", 0), str(word)


def test_every_room_has_its_floor():
    assert rooms_of_the_core() <= FLOOR_OF.keys(), "Give the new room its floor in FLOORS."


@pytest.mark.parametrize("file", CORE_FILES, ids=lambda file: str(file.relative_to(CORE)))
def test_an_import_never_runs_upwards(file):
    room = room_of(file)

    assert {other for other in rooms_imported_by(file) if FLOOR_OF[other] > FLOOR_OF[room]} == set()
    assert rooms_imported_by(file) & STRANGERS.get(room, set()) == set()


def test_the_rooms_of_a_floor_do_not_import_each_other_in_a_circle():
    arrows = {room: set() for room in rooms_of_the_core()}
    for file in CORE_FILES:
        arrows[room_of(file)] |= rooms_imported_by(file)

    TopologicalSorter(arrows).prepare()  # raises CycleError


@pytest.mark.parametrize("file", CORE_FILES, ids=lambda file: str(file.relative_to(CORE)))
def test_the_core_names_no_vendor(file):
    source = file.read_text(encoding="utf-8")

    assert [f"line {line}: {word}" for line, word in words_of_the_code(source) if VENDORS.search(word)] == []


@pytest.mark.parametrize("file", ADAPTER_FILES, ids=lambda file: str(file.relative_to(ROOT / "adapters")))
def test_an_adapter_imports_only_what_is_public(file):
    assert [name for name in foreign_imports(file) if not is_public(name, PUBLIC_TO_ADAPTERS)] == []


@pytest.mark.parametrize("file", AROUND_ADAPTERS, ids=lambda file: str(file.relative_to(ROOT / "adapters")))
def test_tests_and_examples_of_an_adapter_import_only_what_is_public(file):
    assert [name for name in foreign_imports(file) if not is_public(name, PUBLIC_TO_USERS)] == []


def foreign_imports(file: Path) -> list[str]:
    """What a file of an adapter's distribution imports of the core and of other adapters."""
    vendor, *inside = file.relative_to(ROOT / "adapters").parent.parts
    return [
        name
        for name in runtime_imports(file.read_text(encoding="utf-8"), ".".join(inside))
        if name.startswith("sagicc_async") and name.split(".")[0] != f"sagicc_async_{vendor}"
    ]


def is_public(name: str, modules: set[str]) -> bool:
    """`import module`, or `from module import name`, where the module is open and says that the name is public."""
    module, _, attribute = name.rpartition(".")
    return name in modules or (module in modules and attribute in importlib.import_module(module).__all__)


@pytest.mark.parametrize("file", CORE_TESTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_a_test_of_the_core_needs_is_said(file, needs):
    imported = {name.split(".")[0] for name in runtime_imports(file.read_text(encoding="utf-8"), "tests")}
    vendors = {name.removeprefix("sagicc_async_") for name in imported if name.startswith("sagicc_async_")}
    places = {str(place) for place in (file.relative_to(ROOT / "tests"), *file.relative_to(ROOT / "tests").parents)}

    assert {vendor for vendor in vendors if not places & set(needs[vendor])} == set()


def test_every_adapter_has_its_place_among_the_needs(needs):
    adapters = {file.parent.name for file in ROOT.glob("adapters/*/pyproject.toml")}

    assert adapters <= needs.keys(), "Say in NEEDS of tests/conftest.py which tests here need the new adapter."


def test_what_is_said_to_be_needed_is_there(needs):
    assert [place for places in needs.values() for place in places if not (ROOT / "tests" / place).exists()] == []


@pytest.mark.parametrize("file", [*CORE_FILES, *ADAPTER_FILES], ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_stays_readable(file):
    lines = file.read_text(encoding="utf-8").count("\n")

    assert lines <= MOST_LINES


@pytest.mark.parametrize("name", sorted(PUBLIC_TO_ADAPTERS))
def test_the_public_names_are_sorted_and_exist(name):
    module = importlib.import_module(name)

    def constants_then_classes_then_functions(public: str) -> tuple[bool, bool, str]:
        return not public.isupper(), public[0].islower(), public

    assert list(module.__all__) == sorted(set(module.__all__), key=constants_then_classes_then_functions)
    assert [public for public in module.__all__ if not hasattr(module, public)] == []


def test_the_face_exports_all_that_it_imports():
    imported = {
        name.rpartition(".")[2]
        for name in runtime_imports((CORE / "__init__.py").read_text(encoding="utf-8"), "sagicc_async")
        if name.startswith("sagicc_async.")
    }

    assert {name for name in imported if not name.startswith("_")} <= set(sagicc_async.__all__)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import aiohttp.web", ["aiohttp.web"]),
        ("from . import slot", ["sagicc_async.tokens.slot"]),
        ("from .slot import Slot", ["sagicc_async.tokens.slot.Slot"]),
        ("from ..errors import NotSent", ["sagicc_async.errors.NotSent"]),
        ("from .. import errors", ["sagicc_async.errors"]),
        ("def later():\n    from ..gate import Gate", ["sagicc_async.gate.Gate"]),
        ("if TYPE_CHECKING:\n    from ..gate import Gate", []),
        ("if typing.TYPE_CHECKING:\n    import a\nelse:\n    import b", ["b"]),
    ],
)
def test_imports_are_read_as_python_reads_them(source, expected):
    assert list(runtime_imports(source, "sagicc_async.tokens")) == expected


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""For SERPI."""', False),
        ('def f():\n    """As Siigo does."""', False),
        ("x = 'sagicc-async' + sagicc_async.x", False),
        ("class SagiccAsyncError: ...", False),
        ("x = 'serpi'", True),
        ("def siigo(): ...", True),
        ("f(operand=1)", True),
        ("x.sagicc", True),
        ("import sagicc_async_serpi", True),
    ],
)
def test_vendors_are_found_in_code_and_not_in_docstrings(source, found):
    assert any(VENDORS.search(word) for _, word in words_of_the_code(source)) is found
