"""`sagicc-async new-adapter`."""

from __future__ import annotations

import pytest


@pytest.fixture
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_here")
def test_it_writes_here_and_says_what_to_do_next(run, tmp_path):
    outcome = run("new-adapter", "mi-tienda")

    assert (outcome.status, outcome.out) == (0, "")
    assert "cd sagicc-async-mi-tienda\n" in outcome.err
    assert (tmp_path / "sagicc-async-mi-tienda" / "sagicc_async_mi_tienda" / "adapter.py").is_file()


def test_the_folder_can_be_chosen(run, tmp_path):
    folder = tmp_path / "my code"
    folder.mkdir()

    outcome = run("new-adapter", "mi-tienda", "--folder", folder)

    assert f"cd '{folder / 'sagicc-async-mi-tienda'}'\n" in outcome.err
    assert (folder / "sagicc-async-mi-tienda" / "pyproject.toml").is_file()


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("Mi Tienda",), "error: 'Mi Tienda' cannot be the name of an adapter"),
        (("tienda", "--folder", "nowhere"), "No such file or directory - make its folder first"),
    ],
)
def test_what_cannot_be_done_is_one_line(run, arguments, complaint):
    outcome = run("new-adapter", *arguments)

    assert outcome.status == 1
    assert complaint in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_second_time_is_refused(run, tmp_path):
    run("new-adapter", "mi-tienda", "--folder", tmp_path)

    outcome = run("new-adapter", "mi-tienda", "--folder", tmp_path)

    assert outcome.status == 1
    assert "is there already; nothing is overwritten" in outcome.err
