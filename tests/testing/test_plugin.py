"""The pytest plugin in other people's projects: it costs nothing until it is used, and watches only where it is told to."""

from __future__ import annotations

import pytest


@pytest.fixture
def run(pytester):
    """Run pytest in a project of its own, in a process of its own, with the plugin as a user has it."""

    def run(source: str, *arguments: str, ini: str = ""):
        pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = function\n{ini}\n")
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "sagicc_async.testing.plugin", "-p", "no:cacheprovider", *arguments)

    return run


def test_a_run_that_does_not_use_it_imports_neither_a_web_server_nor_mocks(run):
    outcome = run(
        """
        import sys

        def test_nothing_of_it_was_imported():
            assert {"aiohttp.web", "aioresponses", "sagicc_async.sandbox"} & set(sys.modules) == set()
        """
    )

    outcome.assert_outcomes(passed=1)


def test_it_is_one_plugin_however_often_it_is_named(run, pytester):
    pytester.makeconftest("pytest_plugins = ['sagicc_async.testing.plugin']")

    run("def test_the_clock_is_there(manual_clock): assert manual_clock.timers == []").assert_outcomes(passed=1)


def test_it_works_without_pytest_asyncio(run):
    source = """
        def test_a_sync_test_has_a_vendor(sandbox):
            from sagicc_async.sandbox import installed

            assert sandbox(next(iter(installed())), records=1).credentials
        """

    run(source, "-p", "no:asyncio").assert_outcomes(passed=1)


def test_a_projects_own_fixture_goes_first(run):
    source = """
        import pytest

        @pytest.fixture
        def sandbox():
            return "sand"

        def test_mine(sandbox):
            assert sandbox == "sand"
        """

    run(source).assert_outcomes(passed=1)


def test_answers_are_mocked_and_those_of_this_machine_are_not(run):
    source = """
        import aiohttp, pytest
        from sagicc_async.sandbox import installed

        @pytest.mark.asyncio
        async def test_both(sandbox, mocked_responses):
            mocked_responses.get("https://vendor.example/", payload={"mocked": True})
            vendor = sandbox(next(iter(installed())), records=1)
            async with aiohttp.ClientSession() as http:
                async with http.get("https://vendor.example/") as answer:
                    assert await answer.json() == {"mocked": True}
                async with http.get(vendor.base_url + "/anything", allow_redirects=False):
                    assert len(vendor.requests) == 1
        """

    run(source).assert_outcomes(passed=1)


TASK = """
    import asyncio, pytest

    tasks = set()

    @pytest.mark.asyncio
    {decorator}
    async def test_forgets_a_task():
        tasks.add(asyncio.create_task(asyncio.sleep(60)))

    @pytest.mark.asyncio
    {decorator}
    async def test_forgets_nothing():
        await asyncio.create_task(asyncio.sleep(0))
    """


@pytest.mark.parametrize(
    ("decorator", "ini", "errors"),
    [
        ("", "", 0),
        ("@pytest.mark.usefixtures('leak_check')", "", 1),
        ("", "sagicc_async_leak_check = true", 1),
        ("", "sagicc_async_leak_check = false", 0),
    ],
)
def test_tasks_that_outlive_a_test_fail_it_where_that_is_asked_for(run, decorator, ini, errors):
    outcome = run(TASK.format(decorator=decorator), ini=ini)

    outcome.assert_outcomes(passed=2, errors=errors)
    if errors:
        outcome.stdout.fnmatch_lines(["Tasks outlive the test: *sleep() running*"])


ON_A_SHARED_LOOP = """
    import asyncio, pytest

    tasks = set()

    @pytest.mark.asyncio{scope}
    class TestTasks:
        async def test_forgets_a_task(self):
            tasks.add(asyncio.create_task(asyncio.sleep(60)))

        async def test_is_not_blamed_for_it(self):
            await asyncio.create_task(asyncio.sleep(0))

        async def test_looks_away(self):
            asyncio.create_task(asyncio.sleep("soon"))
    """


@pytest.mark.parametrize("scope", ["function", "class", "module", "package", "session"])
@pytest.mark.parametrize("named", ["in the marker", "in the configuration"])
def test_a_test_is_watched_whatever_loop_it_runs_on(run, scope, named):
    in_marker = named == "in the marker"
    source = ON_A_SHARED_LOOP.format(scope=f"(loop_scope={scope!r})" if in_marker else "")
    ini = "" if in_marker else f"asyncio_default_test_loop_scope = {scope}\n"

    run(source, ini=f"{ini}sagicc_async_leak_check = true").assert_outcomes(passed=3, errors=2)


def test_a_loops_own_handler_is_there_again_after_the_test(run):
    source = """
        import asyncio, pytest

        def mine(loop, context):
            pass

        @pytest.mark.asyncio(loop_scope="module")
        async def test_first():
            asyncio.get_running_loop().set_exception_handler(mine)

        @pytest.mark.asyncio(loop_scope="module")
        async def test_second(leak_check):
            pass

        @pytest.mark.asyncio(loop_scope="module")
        async def test_third():
            assert asyncio.get_running_loop().get_exception_handler() is mine
        """

    run(source).assert_outcomes(passed=3)


def test_where_nothing_can_be_watched_that_is_said(run):
    outcome = run("def test_without_a_loop(leak_check): pass")

    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["leak_check watches the loop of a test that pytest-asyncio runs, and this is none"])


def test_a_session_that_nobody_closes_fails_its_test(run):
    source = """
        import aiohttp, pytest

        @pytest.mark.asyncio
        async def test_forgets_a_session(leak_check):
            aiohttp.ClientSession(connector=aiohttp.TCPConnector())

        @pytest.mark.asyncio
        async def test_closes_it(leak_check):
            async with aiohttp.ClientSession():
                pass
        """

    outcome = run(source)

    outcome.assert_outcomes(passed=2, errors=1)
    outcome.stdout.fnmatch_lines(["The loop complained: *Unclosed client session*"])


def test_an_exception_that_nobody_looks_at_fails_its_test(run):
    source = """
        import asyncio, pytest

        @pytest.mark.asyncio
        async def test_looks_away(leak_check):
            asyncio.create_task(asyncio.sleep("soon"))
        """

    run(source).assert_outcomes(passed=1, errors=1)


def test_what_was_there_before_is_not_gone_through_although_cpython_set_some_of_it_aside_itself(run):
    outcome = run(
        """
        import gc

        import pytest

        KEPT = [[number] for number in range(5_000)]


        @pytest.fixture
        def a_python_like_3_12():
            gc.unfreeze()
            few, gc_count = 375, gc.get_freeze_count
            gc.get_freeze_count = lambda: gc_count() + few
            yield
            gc.get_freeze_count = gc_count


        @pytest.mark.asyncio
        async def test_sees_it_set_aside(a_python_like_3_12, leak_check):
            assert gc.get_freeze_count() > len(KEPT)
        """
    )

    outcome.assert_outcomes(passed=1)


def test_what_a_fixture_closes_is_no_leak(run):
    source = """
        import asyncio, pytest, pytest_asyncio

        @pytest_asyncio.fixture
        async def tasks():
            mine = []
            yield mine
            for task in mine:
                task.cancel()

        @pytest.mark.asyncio
        async def test_leaves_it_to_the_fixture(tasks):
            tasks.append(asyncio.create_task(asyncio.sleep(60)))
        """

    run(source, ini="sagicc_async_leak_check = true").assert_outcomes(passed=1)


def test_watching_everything_needs_pytest_asyncio_and_says_so(run):
    outcome = run("def test(): pass", "-p", "no:asyncio", ini="sagicc_async_leak_check = true")

    assert outcome.ret == pytest.ExitCode.USAGE_ERROR
    outcome.stderr.fnmatch_lines(["ERROR: sagicc_async_leak_check needs pytest-asyncio: *"])


def test_the_option_explains_itself(run):
    run("def test(): pass", "--help").stdout.fnmatch_lines(["*sagicc_async_leak_check (bool):"])
