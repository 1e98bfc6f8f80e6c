"""What an adapter declares is complete, explained, and rests on the public names of the core alone."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ....adapter import Adapter
from ....resource import Resource
from ....wire.request import Safety
from ..bench import bench
from ..law import Violation, law, require
from ..subject import PACKAGED, Subject

#: The modules of the core that an adapter may import from: the names in their `__all__`.
_PUBLIC: Final = (
    "sagicc_async",
    "sagicc_async.declared",
    "sagicc_async.sandbox",
    "sagicc_async.testing",
    "sagicc_async.testing.conformance",
)
#: What speaks to a network.
_NETWORK: Final = frozenset(
    {"aiohttp", "http.client", "httpx", "pycurl", "requests", "socket", "urllib.request", "urllib3", "websockets"}
)


@law(look="the imports of the adapter's package", needs=(PACKAGED,))
async def only_public_names_are_imported(subject: Subject) -> None:
    """The adapter imports only what `sagicc_async`, `.sandbox`, `.testing` and `.declared` export: the rest may change."""
    for file in _files_of(subject.adapter):
        for module, name in _imports(file):
            if module.split(".")[0] == "sagicc_async":
                require(_is_public(module, name), f"{file.name} imports {module}{f'.{name}' if name else ''}")


@law(look="the imports of the adapter's package", needs=(PACKAGED,))
async def no_connections_of_its_own(subject: Subject) -> None:
    """Every request goes through the account, so the adapter, its sandbox apart, imports nothing that opens connections."""
    for file in _files_of(subject.adapter):
        if "sandbox" in (*file.parts[-3:-1], file.stem):
            continue  # an emulator may call back
        for module, name in _imports(file):
            places = {module, module.split(".")[0], f"{module}.{name}"}
            require(not places & _NETWORK, f"{file.name} imports {module}, past the account's queue and its origin")


@law(look="names: Adapter.vendor, title, Resource.name, and `name` of the sandbox")
async def names_agree(subject: Subject) -> None:
    """Adapter and sandbox are of one vendor, each resource is called as it is hung in, and the sandbox's credentials fit."""
    adapter = subject.adapter
    require(getattr(adapter, "title", ""), "the adapter has no title")
    async with bench(subject) as here:
        require(
            here.vendor.name == adapter.vendor, f"the adapter is {adapter.vendor!r}, its sandbox {here.vendor.name!r}"
        )
        require(
            getattr(adapter.credentials, "vendor", adapter.vendor) == adapter.vendor,
            f"{adapter.credentials.__name__}.vendor is not {adapter.vendor!r}",
        )
    for name, kind in (await subject.facts()).kinds.items():
        require(kind.name == name, f"the resource {name!r} calls itself {kind.name!r}")


@law(look="Samples.list, the resource, and the sandbox", blind=True)
async def the_list_can_be_read(subject: Subject) -> None:
    """The list of the samples can be read at the adapter's own sandbox; without it nothing else is checked."""
    await subject.facts()


@law(look="Samples.writes, the operation, and the sandbox")
async def sample_writes_work(subject: Subject) -> None:
    """Every sample write is accepted at the adapter's own sandbox."""
    for name, error in (await subject.facts()).failed.items():
        raise Violation(f"{name} does not work: {error}") from error


@law(look="Resource.operations and the methods of the resource")
async def operations_exist(subject: Subject) -> None:
    """Every operation that is declared exists, is as safe as one of `Safety`, and takes `deadline` and `priority`."""
    for name, kind in (await subject.facts()).kinds.items():
        for operation, safety in kind.operations.items():
            method = getattr(kind, operation, None)
            require(callable(method), f"{name} declares {operation}, and has no such method")
            require(isinstance(safety, Safety), f"{name}.{operation} is declared as {safety!r}, which is no Safety")
            if method is None or method is Resource.list:
                continue
            keywords = {one.name for one in _parameters(method) if one.kind is inspect.Parameter.KEYWORD_ONLY}
            missing = sorted({"deadline", "priority"} - keywords)
            require(not missing, f"{name}.{operation} does not take {' and '.join(missing)}, keyword-only")


@law(look="the signature of Resource.list")
async def filters_are_keywords(subject: Subject) -> None:
    """The filters of a list are explicit keywords, named in its docstring: a misspelt one is an error before sending."""
    for name, kind in (await subject.facts()).kinds.items():
        if "list" not in kind.operations:
            continue
        for one in _parameters(kind.list):
            loose = one.kind is not inspect.Parameter.KEYWORD_ONLY
            require(not loose, f"{name}.list has {one}: filters are keyword-only, one by one")
            told = one.name in (inspect.getdoc(kind.list) or "")
            require(told, f"{name}.list does not say what {one.name} is", look="the docstring of Resource.list")


@law(look="docstrings, and Resource.evidence")
async def everything_is_explained(subject: Subject) -> None:
    """Adapter, resources and operations have docstrings, and every resource says how much of it the vendor documents."""
    adapter = subject.adapter
    require(_own_doc(adapter, Adapter), f"{adapter.__name__} has no docstring")
    require(_own_doc(adapter.credentials, object), f"{adapter.credentials.__name__} has no docstring")
    for name, kind in (await subject.facts()).kinds.items():
        require(kind.evidence.strip(), f"{name} does not say what it rests on", look="Resource.evidence")
        require(_own_doc(kind, Resource), f"{kind.__name__} has no docstring")
        for operation in kind.operations:
            require(inspect.getdoc(getattr(kind, operation)), f"{name}.{operation} has no docstring")


def _own_doc(kind: type, base: type) -> bool:
    """Whether a class says something about itself, or a class between it and `base` does."""
    between = kind.__mro__[: kind.__mro__.index(base)]
    return any((one.__doc__ or "").strip() for one in between)


def _parameters(method: Any) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())[1:]  # without self


def _files_of(adapter: type[Adapter]) -> list[Path]:
    """The files of the adapter's package, or its one file."""
    file = Path(inspect.getfile(adapter))
    folder = file.parent
    if not (folder / "__init__.py").exists():
        return [file]
    while (folder.parent / "__init__.py").exists():
        folder = folder.parent
    return sorted(folder.rglob("*.py"))


def _imports(file: Path) -> Iterator[tuple[str, str]]:
    """Every module that a file imports, and the name that it takes from it, if any; relative ones are its own."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise Violation(f"{file.name} is not Python: {error}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def _is_public(module: str, name: str) -> bool:
    """Whether a module is open to adapters and says that the name is public, or the name is such a module itself."""
    if f"{module}.{name}" in _PUBLIC or (not name and module in _PUBLIC):
        return True
    return module in _PUBLIC and name in getattr(importlib.import_module(module), "__all__", ())
