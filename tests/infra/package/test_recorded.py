"""Rights against what is really asked: the suite drives the stack while each function's requests are written down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fnmatch import fnmatchcase

import pytest

from infra import template
from infra.local import stack
from infra.local.persistence import ACCOUNT, REGION
from tests.infra.package.made import ROOT
from tests.infra.package.test_policies import logical

pytestmark = pytest.mark.ci

DRIVEN = (
    "tests/deployments/test_cancel.py",
    "tests/deployments/test_code_and_secrets.py",
    "tests/deployments/test_deletion.py",
    "tests/deployments/test_schedules.py",
    "tests/schedules/test_over_http.py",
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The actions and ARNs that each function asked for."""
    path = tmp_path_factory.mktemp("recorded") / "asked"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not exhaustive"]
    command += ["-k", "not at_any_instant"]  # it asks for nothing that the others don't, again and again
    environment = {**os.environ, "STACK_MODULE": "tests.infra.package.recorder", "RECORDED": str(path)}
    done = subprocess.run([*command, *DRIVEN], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    found = {}
    for function, action, about in map(json.loads, path.read_text().splitlines()):
        found.setdefault(function, set()).add((action, about))
    return found


@pytest.fixture(scope="module")
def granted(policies):
    """What each function may do, with the ARNs of the laptop's stack."""
    of_laptop = stack._Stack(template.load(), REGION, ACCOUNT, {"ScheduleBackend": "scheduler"})
    grants = {}
    for name, policy in policies.items():
        statements = of_laptop.resolve(policy)["Statement"]
        grants[logical(name)] = [
            (action, about)
            for one in statements
            for action in one["Action"]
            for about in (one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]])
        ]
    keys = {f"alias/{stack.NAME}": "Key", f"alias/{stack.NAME}-tokens": "TokenKey"}
    return grants, {alias: of_laptop.resolve({"Fn::GetAtt": [name, "Arn"]}) for alias, name in keys.items()}


def test_nothing_is_asked_that_is_not_allowed(recorded, granted):
    grants, keys = granted
    assert recorded.keys() == grants.keys(), "every function was driven"
    refused = {
        function: [
            (action, about)
            for action, about in sorted(asked)
            if not any(
                action == allowed and fnmatchcase(keys.get(about, about), place)
                for allowed, place in grants[function]
            )
        ]
        for function, asked in recorded.items()
    }
    assert {function: those for function, those in refused.items() if those} == {}


def test_what_is_asked_is_told(recorded, granted):
    """For people: the rest is for what only a lost answer, a slow image or the other backend of schedules brings about.

    That the code can come there is another test (test_policies.py).
    """
    grants, _ = granted
    allowed = {(function, action) for function, those in grants.items() for action, _ in those}
    asked = {(function, action) for function, those in recorded.items() for action, _ in those}
    print(f"{len(asked)} of {len(allowed)} rights were used; not: {sorted(allowed - asked)}")
    assert len(asked) > 50
