"""Whatever is wrong: one line that says what to do, exit 1, and nothing lost that was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sagicc_async import installed_adapters
from sagicc_async.cli.failures import describe
from sagicc_async.errors import FieldError, ServerError, ValidationFailed


def records_in(part):
    return json.loads(Path(f"{part}.checkpoint").read_bytes())["records"]


@pytest.mark.parametrize("variable", ["SERPI_TOKEN", "SERPI_SECRETKEY"])
def test_wrong_credentials(fails, monkeypatch, variable):
    monkeypatch.setenv(variable, "mistaken-0123456789")

    line = fails("export", "serpi", "centro_costo", "-o", "a.jsonl")

    assert "compare" in line  # where to look
    assert "the vendor says: El" in line
    assert list(Path.cwd().iterdir()) == []


def test_missing_credentials(fails, monkeypatch):
    monkeypatch.delenv("SERPI_TOKEN")

    assert "set SERPI_TOKEN" in fails("export", "serpi", "centro_costo")


def test_html_instead_of_json_on_the_third_page(fails, vendor):
    vendor.fault("garbage", nth=3)

    line = fails("export", "serpi", "centro_costo", "-o", "a.jsonl")

    assert "HTML" in line
    assert "100 records are safe in a.jsonl.part; go on with: sagicc-async export serpi centro_costo" in line
    assert line.endswith("-o a.jsonl --resume\n")
    assert records_in("a.jsonl.part") == 100


def test_a_body_that_is_cut_off(fails, vendor, impatient):
    vendor.fault("truncate", query={"pagina": "3"})

    line = fails("export", "serpi", "centro_costo", "-o", "a.jsonl", *impatient)

    assert "cut off" in line
    assert records_in("a.jsonl.part") == 100


def test_a_body_that_is_enormous(fails, vendor, impatient):
    vendor.fault("huge", megabytes=300, query={"pagina": "3"})

    line = fails("export", "serpi", "centro_costo", "-o", "a.jsonl", *impatient)

    assert "max_body" in line or "larger" in line or "large" in line
    assert records_in("a.jsonl.part") == 100


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_a_wrong_type_in_the_third_row(fails, vendor, suffix):
    vendor.fault("wrong_type", query={"pagina": "2"})

    line = fails("export", "serpi", "centro_costo", "-o", f"a.{suffix}")

    assert "$.result[2].id should be int" in line
    assert records_in(f"a.{suffix}.part") == 52


def test_an_unknown_field_is_kept_and_is_no_error(run, vendor):
    vendor.fault("unknown_field")

    assert run("export", "serpi", "centro_costo", "-o", "a.csv").status == 0
    assert '"{""campo_nuevo"":""valor nuevo""}"' in Path("a.csv").read_text(encoding="utf-8")


def test_an_unknown_vendor(fails):
    line = fails("export", "serpy", "centro_costo")

    assert f"installed: {', '.join(found.vendor for found in installed_adapters())}" in line
    assert "did you mean serpi?" in line
    assert "pip install" not in line


def test_a_vendor_without_an_adapter(fails):
    assert "pip install sagicc-async-unheard-of" in fails("export", "unheard-of", "expenses")


def test_an_unknown_resource(fails):
    line = fails("export", "serpi", "centro_costs")

    assert "centro_operacion" in line
    assert "did you mean centro_costo?" in line


def test_a_misspelt_filter_is_refused_before_sending(fails, vendor):
    line = fails("export", "serpi", "articulo", "--where", "codgo=3")

    assert "it has codigo - did you mean codigo?" in line
    assert vendor.stats.requests == 0


@pytest.mark.parametrize("where", ["pagina=3", "limite=10"])
def test_how_a_list_is_cut_into_pages_is_no_filter(fails, vendor, where):
    line = fails("export", "serpi", "articulo", "--where", where)

    assert "--page-size" in line
    assert vendor.stats.requests == 0


def test_a_filter_of_the_wrong_type_is_refused_before_sending(fails, vendor):
    line = fails("export", "serpi", "articulo_proveedor", "--where", "id_articulo=x")

    assert "takes a whole number" in line
    assert vendor.stats.requests == 0


def test_a_filter_that_takes_one_value_is_not_given_twice(fails, vendor):
    line = fails("export", "serpi", "articulo", "--where", "codigo=1", "--where", "codigo=2")

    assert "--where codigo= is given twice, and takes one value" in line
    assert vendor.stats.requests == 0


def test_a_folder_that_is_not_there(fails):
    assert "make its folder first" in fails("export", "serpi", "centro_costo", "-o", "nowhere/a.jsonl")


def test_a_file_in_place_of_the_demos_folder(fails):
    Path("data").touch()

    assert "cannot write data: File exists - a file has the name of the folder" in fails("demo", "-o", "data")


def test_a_port_that_is_taken(fails, vendor):
    port = vendor.base_url.split(":")[2].split("/")[0]

    assert f"127.0.0.1:{port}: Address already in use; port 0 takes a free one" in fails("sandbox", "--port", port)


def test_a_folder_in_place_of_a_file(fails):
    assert "is a folder" in fails("export", "serpi", "centro_costo", "-o", ".")


def test_a_folder_that_nobody_may_write_to():
    error = PermissionError(13, "Permission denied", "a.jsonl.part")

    assert describe(error).startswith("cannot write a.jsonl.part: Permission denied - write where you may")


def test_a_disk_that_gets_full(fails, files_of_at_most):
    with files_of_at_most(9000):
        line = fails("export", "serpi", "centro_costo", "-o", "a.jsonl")

    assert "cannot write a.jsonl.part: File too large" in line
    assert "100 records are safe" in line


def test_a_vendor_that_is_not_there(fails, monkeypatch):
    monkeypatch.setenv("SERPI_BASE_URL", "http://127.0.0.1:9/")

    assert "check base_url" in fails("export", "serpi", "centro_costo")


def test_a_setting_of_the_environment_that_does_not_fit(fails, monkeypatch, vendor):
    monkeypatch.setenv("SERPI_PAGE_SIZE", "mistaken")

    assert "SERPI_PAGE_SIZE takes a whole number or none" in fails("export", "serpi", "centro_costo")
    assert vendor.stats.requests == 0


@pytest.mark.parametrize("command", [("export", "serpi", "centro_costo"), ("check", "serpi")])
def test_a_setting_of_an_account_that_does_not_fit(run, vendor, impatient, command):
    file = Path("accounts.toml")
    file.write_text(file.read_text().replace("settle = 0", 'settle = "0"'))

    outcome = run(*command, *impatient)

    says = "the setting settle of serpi takes a number or none, not a text - see the account 'acme'"
    assert outcome.status == 1
    assert says in outcome.out + outcome.err
    assert vendor.stats.requests == 0


def test_a_setting_of_the_environment_that_its_vendor_cannot_take_says_where_it_is_from(fails, monkeypatch):
    monkeypatch.setenv("SERPI_PAGE_SIZE", "0")

    line = fails("export", "serpi", "centro_costo")

    assert line.endswith("a setting of serpi is wrong: 'page_size' must be >= 1: 0 - see the environment\n")


@pytest.mark.parametrize("command", [("export", "serpi", "centro_costo"), ("check", "serpi")])
def test_a_setting_of_the_environment_that_an_account_cannot_take_says_where_it_may_be_from(
    run, monkeypatch, impatient, command
):
    monkeypatch.setenv("SERPI_PAGE_SIZE", "0")

    outcome = run(*command, *impatient)

    assert outcome.status == 1
    assert "'page_size' must be >= 1: 0 - see the account 'acme' and the environment\n" in outcome.out + outcome.err


@pytest.mark.parametrize("command", [("export", "serpi", "centro_costo"), ("check", "serpi")])
def test_settings_for_a_vendor_that_is_misspelt(run, vendor, impatient, command):
    file = Path("accounts.toml")
    file.write_text(f"{file.read_text()}[settings.serpy]\npage_size = 5\n")

    outcome = run(*command, *impatient)

    assert outcome.status == 1
    assert "accounts.toml [settings] serpy: no adapter" in outcome.out + outcome.err
    assert "did you mean serpi?" in outcome.out + outcome.err
    assert vendor.stats.requests == 0


def test_a_setting_of_the_sandbox_that_does_not_fit(fails):
    line = fails("sandbox", "serpi", "--set", "serpi.overlap=bla")

    assert line == "error: the setting overlap of the sandbox of 'serpi' takes off or record or reject\n"


def test_a_setting_of_the_environment_counts(run, monkeypatch, vendor):
    monkeypatch.setenv("SERPI_PAGE_SIZE", "230")

    assert run("export", "serpi", "centro_costo").status == 0
    assert vendor.stats.requests == 2  # one full page, and the empty one that ends the list


@pytest.mark.parametrize("name", ["a.xlsx", "a.jsonl.gz"])
def test_a_suffix_that_names_no_format(fails, vendor, name):
    assert "names no format: say which (--format)" in fails("export", "serpi", "centro_costo", "-o", name)
    assert vendor.stats.requests == 0


def test_an_unfinished_export_in_the_way(fails, vendor):
    vendor.fault("garbage", nth=3)
    fails("export", "serpi", "centro_costo", "-o", "a.jsonl")

    line = fails("export", "serpi", "centro_costo", "-o", "a.jsonl")

    assert "holds 100 records" in line
    assert "--resume" in line
    assert "--restart" in line
    assert line.count("100 records") == 1


def test_parquet_to_stdout(fails):
    assert "needs a file" in fails("export", "serpi", "centro_costo", "-o", "-", "--format", "parquet")


def test_an_account_of_another_vendor(fails, impatient):
    Path("accounts.toml").write_text('[acme]\nvendor = "other"\n')

    assert "is one of other, not of serpi" in fails("export", "serpi", "centro_costo", *impatient)


def test_a_bare_secret_in_the_accounts_file(fails, impatient):
    Path("accounts.toml").write_text('[acme]\nvendor = "serpi"\ntoken = "mistaken-0123456789"\nsecretkey = "x"\n')

    assert "env:NAME" in fails("export", "serpi", "centro_costo", *impatient)


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "serpi"),
        ("export", "serpi", "centro_costo", "--nonsense"),
        ("export", "serpi", "centro_costo", "--limit", "0"),
        ("export", "serpi", "centro_costo", "--format", "xml"),
        ("export", "serpi", "centro_costo", "--where", "codigo"),
        ("export", "serpi", "centro_costo", "--resume", "--restart"),
        ("nonsense",),
        ("sandbox", "--port", "99999"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(run, arguments):
    outcome = run(*arguments)

    assert outcome.status == 2
    assert outcome.err.startswith("error: ")
    assert outcome.err.count("\n") == 1


def test_an_argument_too_many_is_named(run):
    assert "too many arguments: 'one more'" in run("check", "serpi", "one more").err


def test_a_vendors_message_can_neither_break_the_line_nor_steer_the_terminal(run, vendor):
    body = {"success": False, "code": 400, "errors": ["uno\ndos \x1b[31mrojo"], "message": "no"}
    vendor.fault("status", status=400, body=body)

    outcome = run("export", "serpi", "centro_costo")

    assert outcome.err.count("\n") == 1
    assert "\x1b" not in outcome.err


def test_many_complaints_of_a_vendor_are_told_in_short():
    errors = [FieldError("x", "", f"no {n} {'y' * 300}") for n in range(9)]

    text = describe(ValidationFailed("refused", errors=errors))

    assert "(and 6 more)" in text
    assert len(text) < 800


def test_an_error_of_the_program_itself_shows_no_text_of_unknown_content():
    assert "mistaken" not in describe(ValueError("mistaken"))
    assert "--debug" in describe(ValueError("mistaken"))


def test_debug_shows_where_an_error_came_from(run, vendor):
    vendor.fault("status", status=400, body="")

    outcome = run("export", "serpi", "centro_costo", "--debug")

    assert outcome.status == 1
    assert "Traceback" in outcome.err
    assert not any(secret in outcome.err for secret in vendor.credentials.values())


def test_a_vendor_that_fails_is_named_with_its_status():
    error = ServerError("SERPI failed", vendor="serpi", account="acme", operation="centro_costo.list", status=503)

    assert describe(error) == "serpi acme centro_costo.list: SERPI failed (HTTP 503)"
