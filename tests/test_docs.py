"""What the documents show is run, not believed."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest

from sagicc_async import MemoryCoordinator, SessionManager
from sagicc_async.sandbox import Sandbox
from sagicc_async.sandbox.declared import DeclaredSandbox
from sagicc_async.scaffold import create_adapter
from sagicc_async_serpi import CentroCosto

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def examples(page: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return [textwrap.dedent(code) for _, code in BLOCK.findall(text)]


def run(*command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("callers-without-an-event-loop.md", ["30 30", "240"]),
        ("moving-from-requests.md", ["30", "created"]),
        (
            "observing.md",
            [
                "serpi acme uses token generation 1",
                "acme bodega.list ok",
                "bodega.list",
                'sagicc_async_requests_total{{operation="bodega.list",outcome="ok",vendor="serpi"}} 2.0',
            ],
        ),
        ("several-processes.md", ["30 with {state}/sagicc-async/coordination-1"]),
    ],
)
def test_the_programs_of_a_page_do_what_it_says_as_they_stand(page, shown, tmp_path):
    with Sandbox.in_thread(["serpi"], records=30, settings={"serpi": {"work": 0}}) as sandbox:
        serpi = sandbox["serpi"]
        told = {"base_url": serpi.base_url, **serpi.credentials}
        environment = {f"SERPI_{name.upper()}": value for name, value in told.items()}
        environment["XDG_STATE_HOME"] = str(tmp_path)
        for example, expected in zip(examples(page), shown, strict=True):
            done = run("-c", example, folder=tmp_path, environment=environment)
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout.split("\n")[0] == expected.format(state=tmp_path)
        assert serpi.stats.overlaps == 0


CLOSES_BADLY = """
import sagicc_async

async def close(self):
    raise OSError("no")

sagicc_async.SessionManager.close = close
"""


@pytest.mark.parametrize(
    ("before", "environment", "raised"),
    [
        ("", {"SAGICC_ASYNC_COORDINATOR": "nowhere:"}, "ConfigError"),
        (CLOSES_BADLY, {}, "OSError: no"),
    ],
    ids=["entered", "closed"],
)
def test_a_program_ends_although_its_manager_cannot_be(before, environment, raised, tmp_path):
    shown = examples("callers-without-an-event-loop.md")[1].partition("    serpi = ")[0]

    done = run("-c", f"{before}{shown}    pass\n", folder=tmp_path, environment={"HOME": str(tmp_path), **environment})

    assert (done.returncode, raised in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize(
    ("there", "done", "said"),
    [
        ({}, True, "created"),
        ({}, False, "not created: it can be sent again"),
        ({"codigo": "M1", "abreviatura": "X", "descripcion": "DE OTRO"}, True, "a person looks: "),
    ],
)
async def test_the_write_that_is_shown_tells_every_outcome_from_the_others(there, done, said):
    module: dict[str, Any] = {}
    exec(examples("moving-from-requests.md")[1].replace("asyncio.run(main())", ""), module)
    async with Sandbox(["serpi"], records=0) as sandbox, SessionManager(coordinator=MemoryCoordinator()) as sessions:
        vendor = sandbox["serpi"]
        if there:
            vendor.add("centro_costo", there)
        vendor.fault("reset_after", method="POST", done=done)
        serpi = sessions.open("serpi", vendor.credentials, base_url=vendor.base_url, settle=0)

        told = await module["save"](serpi, CentroCosto(codigo="M1", abreviatura="M1", descripcion="MUDANZA"))

    assert told.startswith(said)


def test_the_tests_that_are_shown_pass(tmp_path):
    (example,) = examples("testing-your-code.md")
    (tmp_path / "test_shown.py").write_text(example, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8")
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=tmp_path, environment={"HOME": str(tmp_path)})
    assert "3 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_links_inside_the_documents_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (DOCS / page).read_text(encoding="utf-8")):
        assert (DOCS / target).exists(), target


def test_the_adapter_that_is_shown_is_the_one_that_is_scaffolded_and_tested(tmp_path):
    made = create_adapter("acme-shop", tmp_path)
    written = "".join(bare(path.read_text(encoding="utf-8")) for path in sorted(made.rglob("*.py")))
    for example in examples("writing-an-adapter.md"):
        assert bare(example) in written, example


def bare(code: str) -> str:
    """Code by its lines alone: what a page shows of a class stands there without its indentation."""
    return "".join(f"{line.strip()}\n" for line in code.splitlines() if line.strip())


def test_the_resource_file_that_is_shown_is_the_one_that_is_tested():
    text = (DOCS / "resource-files.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    tested = (DOCS.parent / "tests" / "declared" / "acme.toml").read_text(encoding="utf-8")
    assert tomllib.loads(shown) == tomllib.loads(tested)
    assert len(tested.splitlines()) < 40


def test_the_program_with_a_resource_file_reads_what_it_declares(tmp_path):
    file = DOCS.parent / "tests" / "declared" / "acme.toml"
    (example,) = examples("resource-files.md")
    (tmp_path / "acme.toml").write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    with Sandbox.in_thread([DeclaredSandbox(file)], records=12) as sandbox:
        acme = sandbox["acme"]
        environment = {"ACME_TOKEN": acme.credentials["token"], "ACME_BASE_URL": acme.base_url}
        done = run("-c", example, folder=tmp_path, environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 12
