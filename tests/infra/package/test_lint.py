"""What cfn-lint and checkov say of the template: nothing that is not answered in writing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infra import template
from tests.infra.package import tools
from tests.infra.package.made import ROOT

SUPPRESSIONS = ROOT / "infra" / "checkov.yaml"


def lint(path):
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), path], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def transformed_path(transformed, tmp_path_factory):
    path = tmp_path_factory.mktemp("transformed") / "template.json"
    path.write_text(json.dumps(transformed, indent=1))
    return path


@pytest.mark.ci
def test_the_template_is_clean_before_the_transform(packaged):
    assert lint(packaged.template_path) == ""


@pytest.mark.ci
def test_the_template_is_clean_after_the_transform(transformed_path):
    assert lint(transformed_path) == ""


@pytest.mark.ci
def test_checkov_asks_for_nothing_that_is_not_answered(transformed_path, absent):
    checkov = tools.program("checkov", absent)
    command = [checkov, "--config-file", SUPPRESSIONS, "-f", transformed_path, "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    failed = [(one["check_id"], one["resource"]) for one in told["results"]["failed_checks"]]
    print(told["summary"])
    assert failed == []
    assert told["summary"]["passed"] > 150, "it has read the template"


def test_every_suppression_has_a_reason():
    lines = SUPPRESSIONS.read_text().splitlines()
    skipped = [index for index, line in enumerate(lines) if line.startswith("  - CKV")]
    assert len(skipped) == len(yaml.safe_load(SUPPRESSIONS.read_text())["skip-check"])
    for index in skipped:
        assert lines[index - 1].startswith("  # "), lines[index]
    for resource in template.load()["Resources"].values():
        for one in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            assert len(one["comment"]) > 20, one
