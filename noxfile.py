"""What is checked, and how: `nox -s tests lint typing package bench`."""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "virtualenv"  # pip, so that the machine's own pip configuration holds
nox.options.sessions = ["lint", "typing", "tests", "package"]

ROOT = Path(__file__).parent
CONSTRAINTS = ROOT / "constraints.txt"
ADAPTERS = sorted(project.parent for project in ROOT.glob("adapters/*/pyproject.toml"))
PACKAGES = ["sagicc_async", *(f"sagicc_async_{folder.name}" for folder in ADAPTERS)]


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """All tests, on each Python that is installed."""
    session.install("-c", str(CONSTRAINTS), *_editable())
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def tests_older_aiohttp(session: nox.Session) -> None:
    """All tests with an aiohttp before 3.14, which changed much of its inside."""
    newest = ("aiohttp==", "multidict==", "yarl==")
    pins = [pin for pin in CONSTRAINTS.read_text(encoding="utf-8").splitlines() if not pin.startswith(newest)]
    older = Path(session.create_tmp()) / "constraints.txt"
    older.write_text("\n".join([*pins, "aiohttp<3.14"]), encoding="utf-8")
    session.install("-c", str(older), *_editable())
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def without(session: nox.Session) -> None:
    """The tests of the core and of the other adapters without one adapter, for each in turn: none leans on another."""
    session.install("-c", str(CONSTRAINTS), *_editable())
    for missing in ADAPTERS:
        session.run("pip", "uninstall", "--quiet", "--yes", f"sagicc-async-{missing.name}")
        others = [str(folder) for folder in ADAPTERS if folder != missing]
        environment = {"SAGICC_ASYNC_WITHOUT": missing.name}
        session.run("python", "-m", "pytest", *session.posargs, "tests", *others, env=environment)
        session.install("--no-deps", "-e", str(missing))


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and format."""
    session.install("-c", str(CONSTRAINTS), "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def typing(session: nox.Session) -> None:
    """Mypy strict over sources and benchmarks; and each public name of the installed packages has a complete type."""
    tools = ("basedpyright", "fastapi", "mypy", "nox", "types-psutil", "uvicorn")  # for the examples and the benchmarks
    session.install(
        "-c",
        str(CONSTRAINTS),
        ".[bench,cli,engine,otel,parquet,postgres,prometheus,redis,sync,testing]",
        *map(str, ADAPTERS),
        *tools,
    )
    session.run("mypy")
    session.chdir(session.create_tmp())  # away from the sources, so that the installed packages are looked at
    for name in PACKAGES:
        session.run("basedpyright", "--ignoreexternal", "--verifytypes", name)


@nox.session
def package(session: nox.Session) -> None:
    """
    The built wheels in a clean environment: the library alone, the command line with its demo, tests, a new adapter.

    `nox -s package -- tests adapters` runs all tests against the wheels, not only those about packaging.
    """
    session.install("-c", str(CONSTRAINTS), "build", "virtualenv")
    temporary = Path(session.create_tmp()).resolve()
    dist, clean = temporary / "dist", temporary / "clean"
    shutil.rmtree(dist, ignore_errors=True)
    for project in (ROOT, *ADAPTERS):
        session.run("python", "-m", "build", "--outdir", str(dist), str(project), silent=True)
    session.run("virtualenv", "--quiet", "--clear", str(clean))
    core, *adapters = (str(next(dist.glob(f"{name}-*.whl"))) for name in PACKAGES)
    tested = [str(ROOT / path) for path in session.posargs or ["tests/test_packaging.py"]]

    def run(program: str, *arguments: str) -> None:
        session.run(str(clean / "bin" / program), *arguments, external=True)

    session.chdir(temporary)  # away from the sources, so that the wheels are tested
    run("pip", "install", "--quiet", "-c", str(CONSTRAINTS), core, *adapters)
    run("python", "-W", "error", "-c", f"import {', '.join(PACKAGES)}")
    run("pip", "install", "--quiet", "-c", str(CONSTRAINTS), f"{core}[cli]")
    run("sagicc-async", "adapters")
    run("sagicc-async", "demo")
    run("pip", "install", "--quiet", "-c", str(CONSTRAINTS), f"{core}[dev]")
    run("pip", "check")
    run("pytest", "-qq", f"--rootdir={ROOT}", *tested)
    new = temporary / "sagicc-async-acme-shop"
    shutil.rmtree(new, ignore_errors=True)
    run("sagicc-async", "new-adapter", "acme-shop", "--folder", str(temporary))
    run("pip", "install", "--quiet", "-c", str(CONSTRAINTS), str(new))
    run("pytest", "-qq", str(new))


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks, beside peers in an environment of their own: `nox -s bench -- --quick`, or `--only records`."""
    session.install("-c", str(CONSTRAINTS), *_editable("dev,bench"))
    peers = Path(session.create_tmp()).resolve() / "peers"
    session.run("virtualenv", "--quiet", "--clear", str(peers))
    peer_python = str(peers / "bin" / "python")
    needed = str(ROOT / "benchmarks" / "peers" / "requirements.txt")
    session.run(peer_python, "-m", "pip", "install", "--quiet", "-r", needed, external=True)
    session.run("python", "-m", "benchmarks", *session.posargs, env={"SAGICC_ASYNC_PEERS": peer_python})


@nox.session
def guard(session: nox.Session) -> None:
    """Whether records still cost what they did, in instructions (with valgrind) and in time: two quiet minutes."""
    session.install("-c", str(CONSTRAINTS), *_editable("dev,bench"))
    session.run("python", "-m", "benchmarks.guard", *session.posargs)


@nox.session
def chaos(session: nox.Session) -> None:
    """Processes killed, stopped and cut off from each store while they share tokens; `benchmarks/chaos` says what else."""
    session.install("-c", str(CONSTRAINTS), *_editable())
    session.run("python", "-m", "benchmarks.chaos", *session.posargs)


def _editable(extras: str = "dev") -> list[str]:
    """Everything that tests need, run from the sources."""
    return ["-e", f".[{extras}]", *(argument for folder in ADAPTERS for argument in ("-e", str(folder)))]
