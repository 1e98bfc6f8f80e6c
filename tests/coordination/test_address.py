"""A coordinator is named by an address: of an argument, of the environment, or by itself."""

from __future__ import annotations

import pytest

from sagicc_async import ConfigError, SessionManager
from sagicc_async.cli.choose import managing
from sagicc_async.tokens.coordination.address import VARIABLE, coordinator_at
from sagicc_async.tokens.coordination.file import FileCoordinator
from sagicc_async.tokens.coordination.memory import MemoryCoordinator, process_coordinator


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv(VARIABLE)


def test_without_a_word_all_processes_of_the_user_share_tokens():
    coordinator = coordinator_at()

    assert isinstance(coordinator, FileCoordinator)
    assert coordinator.describe().endswith("sagicc-async/coordination-1")
    assert SessionManager().coordinator.describe() == coordinator.describe()


@pytest.mark.parametrize(
    ("address", "folder"),
    [("file:/srv/state", "/srv/state"), ("file:///srv/a%20b", "/srv/a b"), ("file:rel/x", "rel/x")],
)
def test_a_folder_may_be_named(address, folder):
    assert coordinator_at(address).describe() == folder


def test_memory_is_the_process_itself(monkeypatch):
    assert coordinator_at("memory:") is process_coordinator()
    monkeypatch.setenv(VARIABLE, "memory:")
    assert coordinator_at() is process_coordinator()
    assert SessionManager().coordinator is process_coordinator()


def test_what_the_program_says_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv(VARIABLE, "memory:")

    assert coordinator_at("file:/srv/state").describe() == "/srv/state"


@pytest.mark.parametrize("address", ["redis", "/srv/state", "mysql://root:canary-7@host/db", "canary-7"])
def test_another_kind_is_refused_with_those_that_there_are_and_without_the_address(address):
    with pytest.raises(ConfigError, match="file:/path") as refused:
        coordinator_at(address)

    assert "canary" not in str(refused.value)
    assert "host/db" not in str(refused.value)


def test_a_password_on_a_command_line_is_refused():
    with pytest.raises(ConfigError, match=f"other users can read .* put .* into \\${VARIABLE}") as refused:
        managing("redis://:canary-7@host/0")

    assert "canary" not in str(refused.value)


async def test_a_manager_opens_the_coordinator_and_closes_it(tmp_path):
    async with SessionManager(coordinator=f"file:{tmp_path / 'state'}") as sessions:
        assert len(list((tmp_path / "state").glob("boot-*/owners/*"))) == 1
        assert isinstance(sessions.coordinator, FileCoordinator)

    assert list((tmp_path / "state").glob("boot-*/owners/*")) == []


async def test_a_coordinator_that_cannot_be_used_keeps_the_manager_from_being_entered(tmp_path):
    (tmp_path / "file").write_text("no folder")
    sessions = SessionManager(coordinator=f"file:{tmp_path / 'file'}")

    with pytest.raises(ConfigError, match="cannot be used"):
        async with sessions:
            pass


async def test_managers_may_share_one_coordinator(tmp_path):
    coordinator = FileCoordinator(tmp_path / "state")
    async with SessionManager(coordinator=coordinator):
        async with SessionManager(coordinator=coordinator):
            pass
        assert len(list((tmp_path / "state").glob("boot-*/owners/*"))) == 1


def test_a_memory_coordinator_says_what_it_is():
    assert (MemoryCoordinator().describe(), MemoryCoordinator().trouble) == ("this process alone", None)
