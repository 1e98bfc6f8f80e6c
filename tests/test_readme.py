"""What the README shows is run, not believed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sagicc_async.sandbox import Sandbox

ROOT = Path(__file__).parent.parent
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=["session", "class", "key", "without-a-loop"])
def test_the_examples_run_against_the_sandbox_as_they_stand(example):
    with Sandbox.in_thread(["sagicc", "serpi", "siigo"], records=120) as sandbox:
        serpi = sandbox["serpi"]
        environment = {
            f"{vendor.name}_{name}".upper(): str(value)
            for vendor in (sandbox["sagicc"], serpi, sandbox["siigo"])
            for name, value in {"base_url": vendor.base_url, **vendor.credentials, **vendor.settings}.items()
        }

        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", example],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert (run.returncode, run.stderr) == (0, "")
        assert (
            "120" in run.stdout
            or "CENTRO" in run.stdout.upper()
            or "'cliente_id': " in run.stdout
            or "2139.54 True" in run.stdout
        )
        assert serpi.stats.overlaps == 0
        secrets = [
            value
            for name, value in environment.items()
            if {"SECRET", "SECRETKEY", "TOKEN", "KEY"} & set(name.split("_"))
        ]
        assert not any(value in run.stdout for value in secrets)


def test_the_command_lines_stand_on_one_line_each():
    commands = [
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("python3 -m venv")
    ]

    assert [command.split(" && ")[-1].split("/", 2)[-1] for command in commands] == [
        "sagicc-async demo",
        "python -m pytest -n auto",
    ]
