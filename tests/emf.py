"""What CloudWatch would make of lines of the log."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

SCHEMA = json.loads(Path(__file__).with_name("emf.schema.json").read_text())


def metrics(line):
    """(name, value, unit, dimensions) of each metric in a line; raises where the line breaks the specification."""
    if "_aws" not in line:
        return []
    jsonschema.validate(line, SCHEMA)
    found = []
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            # Target members stand in the root: dimensions as texts of up to 1,024 characters, metrics as numbers.
            dimensions = {name: line[name] for name in names}
            assert all(isinstance(value, str) and 0 < len(value) <= 1024 for value in dimensions.values()), line
            for metric in directive["Metrics"]:
                value = line[metric["Name"]]
                assert isinstance(value, int | float), line
                assert not isinstance(value, bool), line
                found.append((metric["Name"], value, metric.get("Unit"), dimensions))
    assert len(json.dumps(line)) <= 256 * 1024
    return found
