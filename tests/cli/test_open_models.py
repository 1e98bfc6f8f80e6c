"""A vendor whose models and columns are its customer's: filters that nobody declared, names that are only warned of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagicc_async import ConfigError
from sagicc_async.sandbox import LocalVendor, Sandbox


@pytest.fixture
def sagicc(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalVendor]:
    """Sagicc with 230 cases under the test's own switches; we stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    settings = {"work": 0, **getattr(request, "param", {})}
    with Sandbox.in_thread(["sagicc"], records=230, seed=7, settings={"sagicc": settings}) as sandbox:
        vendor = sandbox["sagicc"]
        monkeypatch.setenv("SAGICC_BASE_URL", vendor.base_url)
        for name, value in {**vendor.credentials, **vendor.settings}.items():
            monkeypatch.setenv(f"SAGICC_{name.upper()}", str(value))
        yield vendor


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_column_is_a_filter(run, sagicc):
    outcome = run("export", "sagicc", "caso", "--where", "cliente_id=7", "-o", "-")

    assert outcome.status == 0
    found = lines(outcome.out)
    assert found == [row for row in sagicc.rows("caso") if row["cliente_id"] == 7]
    assert found


def test_filters_of_columns_and_keywords_hold_together(run, sagicc):
    outcome = run(
        "export", "sagicc", "caso", "--where", "prioridad!=Alta", "--where", "prioridad!=Media", "--where",
        "disabled=null", "--where", "columns=id,prioridad", "-o", "-"
    )  # fmt: skip

    found = lines(outcome.out)
    assert {row["prioridad"] for row in found} == {"Baja", "Urgente"}
    assert {tuple(row) for row in found} == {("id", "prioridad")}


def test_a_value_that_would_be_grammar_is_refused_before_anything_is_sent(fails, sagicc):
    line = fails("export", "sagicc", "caso", "--where", "asunto=it's", "-o", "x.jsonl")

    assert "the value holds a quote (') at character 3" in line
    assert 'raw_conditions="asunto=..."' in line
    assert line.count("holds a quote") == 1
    assert sagicc.stats.requests == 0


def test_a_model_that_is_not_listed_is_asked_for_with_a_warning(run, sagicc):
    outcome = run("export", "sagicc", "cazo", "-o", "x.jsonl")

    assert outcome.status == 1
    assert outcome.err.startswith(
        "warning: Sagicc's page lists no model 'cazo'; it is sent all the same - did you mean"
    )
    assert ".py:" not in outcome.err
    assert "(HTTP 404)" in outcome.err


def test_what_is_no_model_at_all_is_refused(fails, sagicc):
    assert "is no model" in fails("export", "sagicc", "../oauth", "-o", "x.jsonl")


def test_check_says_what_this_instance_speaks(run, sagicc):
    outcome = run("check", "sagicc")

    assert outcome.status == 0
    assert "ok      relations: the flat style brings gestiones back, as gestiones" in outcome.out
    assert 'settings to keep: relations_style = "flat", generation = "current"' in outcome.out
    assert {entry.method for entry in sagicc.requests if "/oauth/" not in entry.path} == {"GET"}


@pytest.mark.parametrize(
    "sagicc", [{"relations_style": "wrapped", "generation": "legacy", "page_cap": 40}], indirect=True
)
def test_check_says_which_settings_to_change(run, sagicc, monkeypatch):
    outcome = run("check", "sagicc")

    assert outcome.status == 1
    assert "problem relations: the wrapped style brings gestiones back" in outcome.out
    assert "problem generation: the filters of the legacy generation work" in outcome.out
    assert "the instance gives 40 records at most" in outcome.out
    keep = outcome.out.split("in the environment: ")[1].split()
    for pair in keep:
        monkeypatch.setenv(*pair.split("="))
    again = run("check", "sagicc")
    assert (again.status, "problem" in again.out) == (0, False)


def test_a_question_that_is_not_answered_takes_nothing_back_of_what_was_found(run, sagicc):
    sagicc.fault("status", query={"sizePerPage": "500"}, status=403, body={"message": "no"})
    outcome = run("check", "sagicc")

    assert outcome.status == 1
    assert "ok      accepted: the vendor takes them" in outcome.out
    assert "ok      first page: caso answers with 1 record" in outcome.out
    assert "problem what it speaks: sagicc default caso.probe: the vendor denies access (HTTP 403)" in outcome.out


@pytest.mark.parametrize(
    ("variable", "named"), [("SAGICC_CLIENT_SECRET", "Client Secret"), ("SAGICC_PASSWORD", "the user or the password")]
)
def test_check_says_which_of_the_credentials_is_refused(run, sagicc, monkeypatch, variable, named):
    monkeypatch.setenv(variable, "canary-credential")
    outcome = run("check", "sagicc")

    assert outcome.status == 1
    assert (
        f"problem accepted: sagicc default caso.list: Sagicc refuses {'the ' * (named[0] != 't')}{named}" in outcome.out
    )
    assert "Credenciales de la API" in outcome.out
    assert "canary" not in outcome.out + outcome.err


def test_check_asks_which_instance(run, sagicc, monkeypatch):
    monkeypatch.delenv("SAGICC_BASE_URL")
    assert "SAGICC_INSTANCE" in run("check", "sagicc").out


def test_a_whole_list_is_exported_in_few_requests(run, sagicc):
    assert run("export", "sagicc", "caso", "-o", "caso.jsonl").status == 0
    assert lines(Path("caso.jsonl").read_text()) == sagicc.rows("caso")
    assert len([entry for entry in sagicc.requests if entry.path.endswith("/caso")]) == 1


def test_the_sandbox_takes_a_vendors_settings(run, monkeypatch):
    opened = []

    def note(vendors, **settings):
        opened.append(settings["settings"])
        raise ConfigError("enough")

    monkeypatch.setattr("sagicc_async.sandbox.Sandbox", note)
    run("sandbox", "--set", "sagicc.envelope=bare", "--set", "sagicc.page_cap=7", "--set", "serpi.overlap=reject")

    assert opened == [{"sagicc": {"envelope": "bare", "page_cap": 7}, "serpi": {"overlap": "reject"}}]


@pytest.mark.parametrize("text", ["envelope=bare", "sagicc.envelope", ".a=1", "sagicc.=1"])
def test_a_setting_of_the_sandbox_in_another_form_is_wrong_usage(run, text):
    outcome = run("sandbox", "--set", text)

    assert (outcome.status, "VENDOR.NAME=VALUE" in outcome.err) == (2, True)


def test_a_setting_that_the_sandbox_does_not_have_is_told_with_those_it_has(run):
    outcome = run("sandbox", "sagicc", "--set", "sagicc.envelop=bare")

    assert outcome.status == 1
    assert "has no setting envelop; it has: delete_body" in outcome.err
