"""Give a failing test that drives a browser or processes a second run in CI, alone: if it passes, it is FLAKY.

Where CI=true, the tests that failed are run again after all others, each in a pytest of its own, one after the other.
What then passes no longer fails the run; it is listed as FLAKY at the end, with its first failure, and added to
out/flaky. Pure tests have no second run: they fail for a reason. Nor has a run that was interrupted, that couldn't
collect its tests, or in which so many tests failed that something is plainly broken.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

# Fixtures that start a stack, a browser or builds. Tests that start processes by themselves have the marker.
DRIVERS = frozenset({"stack", "start_stack", "console_stack", "browser", "bench", "make_bench", "stock"})
MARKER = "processes"
MOST_SECOND_RUNS = 10


def pytest_addoption(parser):
    parser.addoption("--once", action="store_true", help="no second run for a failing test, not even in CI")


def pytest_configure(config):
    config.addinivalue_line("markers", f"{MARKER}: starts processes; CI gives it a second run, alone, when it fails")
    is_worker = hasattr(config, "workerinput")
    if os.environ.get("CI") == "true" and not is_worker and not config.option.once:
        config.pluginmanager.register(SecondRuns(config), "second-runs")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Note on each report whether its test may run again: only the process that runs the test knows its fixtures."""
    report = yield
    report.drives = drives(item)
    return report


def drives(item):
    """Return whether a test drives a browser or processes."""
    return item.get_closest_marker(MARKER) is not None or not DRIVERS.isdisjoint(item.fixturenames)


class SecondRuns:
    """Collects the failures of a session, and runs their tests again before pytest sums up."""

    def __init__(self, config):
        self._config = config
        self._failures = {}
        self._flaky = []

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self._failures.setdefault(report.nodeid, []).append(report)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session):
        # An interrupted session raises here, and one that couldn't collect everything does so before its first test.
        ended = yield
        if len(self._failures) <= MOST_SECOND_RUNS:
            for nodeid, reports in self._failures.items():
                # A report without the attribute is of a test that took its worker with it.
                if all(getattr(report, "drives", False) for report in reports):
                    self._run_again(session, nodeid, reports)
        return ended

    def _run_again(self, session, nodeid, reports):
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        terminal.ensure_newline()
        terminal.write_sep("-", f"second run of {nodeid}")
        passed, output = run_alone(self._config.rootpath, nodeid)
        terminal.write_line("passed" if passed else output)
        if passed:
            self._flaky.append(reports[0])
            session.testsfailed -= len(reports)
            _recount(terminal.stats, reports)

    def pytest_terminal_summary(self, terminalreporter):
        for report in self._flaky:
            terminalreporter.write_sep("=", f"first failure of {report.nodeid}", yellow=True)
            report.toterminal(terminalreporter._tw)
        for report in self._flaky:
            terminalreporter.write_line(f"FLAKY {report.nodeid}", yellow=True)
        if self._flaky:
            record(self._config.rootpath / "out" / "flaky", self._flaky)


def run_alone(root, nodeid):
    """Run one test in a pytest of its own; return whether it passed, and the output."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        command = [sys.executable, "-m", "pytest", "--once", f"--junitxml={results}", f"--rootdir={root}", nodeid]
        done = subprocess.run(
            command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return done.returncode == 0 and _one_passed(results), done.stdout


def _one_passed(results):
    """Whether exactly one test ran, and was not skipped."""
    (suite,) = ElementTree.parse(results).getroot()
    return [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["1", "0", "0", "0"]


def _recount(stats, reports):
    """Move failures from pytest's own categories to one named flaky, which its closing line then counts."""
    for category in ("failed", "error"):
        left = [report for report in stats.pop(category, []) if report not in reports]
        if left:
            stats[category] = left
    stats.setdefault("flaky", []).append(reports[0])


def record(path, reports):
    """Append the tests to the list that .ci/run prints at its end."""
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.writelines(f"{report.nodeid}\n" for report in reports)
