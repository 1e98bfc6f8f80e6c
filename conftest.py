"""What all tests share: the plugin that users have too, and a state folder of the run's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

#: The first is there by its entry point too; under one name it is loaded once.
pytest_plugins = ["sagicc_async.testing.plugin", "pytester"]


@pytest.fixture(autouse=True, scope="session")
def no_state_of_the_users_is_touched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """
    What the SDK keeps between processes goes into a folder of the run's own, in this process and in those it starts.

    Sandboxes of one seed issue the same tokens, so tests in other processes would meet at their leases: what is not about
    coordination agrees with its own process alone.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("SAGICC_ASYNC_COORDINATOR", "memory:")
        yield
