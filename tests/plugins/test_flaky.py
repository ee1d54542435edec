"""Second runs for flaky tests, on small projects of their own, with one process and with two workers."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins import flaky

ROOT = Path(__file__).parents[2]
# Fails as often as a number in a file says, and notes in which process it ran.
FAILING = """
import os
from pathlib import Path
import pytest

FOLDER = Path(__file__).parent

def fail(name, times):
    notes = FOLDER / f"{name}.ran"
    with notes.open("a") as file:
        file.write(f"{os.getpid()} ")
    assert len(notes.read_text().split()) > times, f"{name} failed"
"""
BROWSER = '\n@pytest.fixture(scope="session")\ndef browser():\n    return "Chromium"\n'
STARTS = re.compile(r"\b(LocalStack|Popen|killed_stack|Proof)\(")
MODULES = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if STARTS.search(path.read_text())]
ON_EITHER = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])


class Project:
    """A folder with tests; `run` returns the exit code and the output of pytest there."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -ra\n")
        (folder / "conftest.py").write_text('pytest_plugins = ["tests.plugins.flaky"]\n')

    def write(self, code, name="test_it.py"):
        (self.folder / name).write_text(FAILING + BROWSER + code)

    def run(self, *options, ci=True):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CI"))}
        # Without the plugins that happen to be installed, a pytest starts in half the time.
        more = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": "true" if ci else ""}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "xdist", *options],
            cwd=self.folder, env={**kept, **more}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def ran(self, name):
        """The processes in which a test ran, in order."""
        notes = self.folder / f"{name}.ran"
        return notes.read_text().split() if notes.exists() else []

    def flaky(self):
        listed = self.folder / "out" / "flaky"
        return listed.read_text().splitlines() if listed.exists() else []


@pytest.fixture
def tests(tmp_path):
    return Project(tmp_path)


@ON_EITHER
def test_a_browser_test_that_passes_alone_is_flaky(tests, workers):
    tests.write("def test_other(): pass\ndef test_shaky(browser): fail('shaky', 1)\n")
    code, output = tests.run(*workers)
    assert code == 0, output
    assert "FLAKY test_it.py::test_shaky" in output
    assert "AssertionError: shaky failed" in output
    assert "1 passed, 1 flaky in" in output.splitlines()[-1]
    assert tests.flaky() == ["test_it.py::test_shaky"]
    first, second = tests.ran("shaky")
    assert first != second


@ON_EITHER
def test_a_browser_test_that_fails_twice_fails(tests, workers):
    tests.write("def test_broken(browser): fail('broken', 2)\n")
    code, output = tests.run(*workers)
    assert code == 1
    assert "FLAKY" not in output
    assert "1 failed in" in output.splitlines()[-1]
    assert (len(tests.ran("broken")), tests.flaky()) == (2, [])


@ON_EITHER
def test_a_pure_test_has_no_second_run(tests, workers):
    tests.write("def test_pure(): fail('pure', 1)\n")
    code, output = tests.run(*workers)
    assert (code, len(tests.ran("pure"))) == (1, 1)
    assert "1 failed in" in output.splitlines()[-1]


def test_a_flaky_test_hides_no_pure_one(tests):
    tests.write("def test_pure(): fail('pure', 1)\ndef test_shaky(browser): fail('shaky', 1)\n")
    code, output = tests.run()
    assert code == 1
    assert "1 failed, 1 flaky in" in output.splitlines()[-1]
    assert tests.flaky() == ["test_it.py::test_shaky"]


def test_outside_ci_nothing_runs_again(tests):
    tests.write("def test_shaky(browser): fail('shaky', 1)\n")
    code, output = tests.run(ci=False)
    assert (code, len(tests.ran("shaky"))) == (1, 1)
    assert "FLAKY" not in output


def test_the_marker_names_tests_that_start_processes_themselves(tests):
    tests.write("@pytest.mark.processes\ndef test_shaky(): fail('shaky', 1)\n")
    assert tests.run()[0] == 0
    assert tests.flaky() == ["test_it.py::test_shaky"]


@pytest.mark.parametrize("when", ["setup", "teardown"])
def test_a_fixture_may_be_what_is_flaky(tests, when):
    steps = ["fail('shaky', 1)", "yield"] if when == "setup" else ["yield", "fail('shaky', 1)"]
    body = "\n".join(f"    {step}" for step in steps)
    tests.write(f"@pytest.fixture\ndef page(browser):\n{body}\ndef test_shaky(page): pass\n")
    code, output = tests.run()
    assert code == 0, output
    assert "error" not in output.splitlines()[-1]
    assert tests.flaky() == ["test_it.py::test_shaky"]


def test_a_second_run_that_is_skipped_has_not_passed(tests):
    tests.write(
        "def test_shaky(browser):\n"
        "    if (FOLDER / 'shaky.ran').exists(): pytest.skip('it is gone')\n"
        "    fail('shaky', 1)\n"
    )  # fmt: skip
    assert tests.run()[0] == 1
    assert tests.flaky() == []


@pytest.mark.parametrize("name", ["a b", "a/b::c", "[x]", "ü", "a\nb", "--once"])
def test_any_parameter_runs_again(tests, name):
    tests.write(f"@pytest.mark.parametrize('name', [{name!r}, 'other'])\ndef test_it(browser, name): fail('it', 1)\n")
    code, output = tests.run()
    assert code == 0, output
    assert len(tests.flaky()) == 1


@ON_EITHER
def test_an_interrupted_run_fails_without_second_runs(tests, workers):
    tests.write(
        "def test_a_shaky(browser): fail('shaky', 1)\n"
        "def test_b_interrupted(): pytest.exit('stop', returncode=2)\n"
    )  # fmt: skip
    code, _ = tests.run(*workers)
    assert code == 2
    assert (len(tests.ran("shaky")), tests.flaky()) == (1, [])


@ON_EITHER
def test_tests_that_cannot_be_collected_fail_the_run(tests, workers):
    tests.write("def test_shaky(browser): fail('shaky', 1)\n")
    (tests.folder / "test_other.py").write_text("import nothing_of_this_name\n")
    code, output = tests.run(*workers, "--continue-on-collection-errors")
    assert code == 1
    assert "1 error, 1 flaky in" in output.splitlines()[-1]
    assert tests.run(*workers)[0] in (1, 2)


def test_a_test_that_takes_its_worker_with_it_fails(tests):
    tests.write("def test_crash(browser): os._exit(3)\n")
    code, output = tests.run("-n", "2")
    assert code == 1
    assert "FLAKY" not in output


def test_where_much_fails_nothing_runs_again(tests):
    tests.write("@pytest.mark.parametrize('number', range(11))\ndef test_it(browser, number): fail(f'it{number}', 1)\n")
    code, output = tests.run()
    assert code == 1
    assert "11 failed in" in output.splitlines()[-1]
    assert [len(tests.ran(f"it{number}")) for number in range(11)] == [1] * 11


@pytest.mark.parametrize("path", MODULES, ids=[path.relative_to(ROOT).as_posix() for path in MODULES])
def test_modules_that_start_processes_have_the_marker_or_a_fixture(path):
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    names = {function.name for function in functions}
    arguments = {argument.arg for function in functions for argument in function.args.args}
    assert "mark.processes" in path.read_text() or (names | arguments) & flaky.DRIVERS
