"""What bandit says of the code and pip-audit of its libraries: nothing that is not answered in writing."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml

from tests.infra.package import tools
from tests.infra.package.made import ROOT

ANSWERED = yaml.safe_load((ROOT / "infra" / "findings.yaml").read_text())
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")

OLD_LIST = """
import importlib.metadata, json, sys
from packaging.specifiers import SpecifierSet
from packaging.version import Version
(place,) = [file for file in importlib.metadata.files("safety-db") if file.name == "insecure.json"]
known = {name.lower(): ranges for name, ranges in json.loads(place.locate().read_text()).items()}
pins = [pin.split("==") for pin in json.loads(sys.argv[1])]
print(json.dumps([
    name for name, version in pins if any(Version(version) in SpecifierSet(one) for one in known.get(name.lower(), ()))
]))
"""


def unanswered(found):
    """Of (check, path) those that have no answer, and the answers of which nothing is found."""
    given = {(one["check"], one["path"]) for one in ANSWERED if one["check"].startswith("B")}
    hit = {one if one in given else (one[0], "*") for one in found}
    return sorted(hit - given), sorted(given - hit)


def test_every_answer_has_a_reason():
    assert all(len(one["reason"]) > 20 and one.keys() == {"check", "path", "reason"} for one in ANSWERED)


@pytest.mark.ci
def test_bandit_finds_nothing_that_is_not_answered(absent):
    bandit = tools.program("bandit", absent)
    command = [bandit, "--quiet", "--recursive", "--format", "json", "app.py", "chalicelib", "infra"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert told["errors"] == []
    assert told["metrics"]["_totals"]["loc"] > 5000, "it has read the code"
    assert told["metrics"]["_totals"]["nosec"] == 0, "answers are in one place"
    assert unanswered({(one["test_id"], one["filename"].removeprefix("./")) for one in told["results"]}) == ([], [])


def pins():
    lines = [line.partition("#")[0].strip() for name in REQUIREMENTS for line in (ROOT / name).read_text().splitlines()]
    return [line.replace("[server]", "") for line in lines if "==" in line]


@pytest.mark.ci
def test_the_libraries_have_no_weakness_known_to_the_best_list_within_reach(absent, capsys):
    """Asked of PyPI's service, else of OSV's; where neither answers, of a list of 2021, which the output then says."""
    audit = tools.program("pip-audit", absent)
    answered = {one["check"] for one in ANSWERED}
    for service in ("pypi", "osv"):
        command = [audit, "--vulnerability-service", service, "--format", "json", "--no-deps", "--disable-pip",
                   "--progress-spinner", "off", "--timeout", "10", "--requirement", "requirements-dev.txt"]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        told = json.loads(done.stdout)["dependencies"] if done.stdout.startswith("{") else []
        if told and all("skip_reason" not in one for one in told):
            found = {f"{one['name']} {one['version']}: {bug['id']}" for one in told for bug in one["vulns"]
                     if bug["id"] not in answered}  # fmt: skip
            assert found == set()
            return
    old = subprocess.run(
        [audit.with_name("python"), "-c", OLD_LIST, json.dumps(pins())], capture_output=True, text=True, check=True
    )
    assert json.loads(old.stdout) == []
    with capsys.disabled():
        print(" no vulnerability service answers: only a list of before July 2021 was asked", end="")


@pytest.mark.ci
def test_the_old_list_knows_what_was_weak_then(absent):
    audit = tools.program("pip-audit", absent)
    old = subprocess.run(
        [audit.with_name("python"), "-c", OLD_LIST, '["urllib3==1.24.1", "urllib3==2.8.0"]'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(old.stdout) == ["urllib3"]
