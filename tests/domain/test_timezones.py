"""Names of time zones, and the offsets that their clocks use."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib import resources

import pytest

from chalicelib.domain.timezones import ZoneError, names, offsets, zone


@pytest.mark.parametrize(
    "name", ["UTC", "Europe/London", "America/Argentina/Buenos_Aires", "Etc/GMT-2", "Asia/Kolkata"]
)
def test_an_iana_name_is_known(name):
    assert zone(name).key == name


def test_every_listed_name_can_be_read():
    assert len(names()) > 500
    for name in names():
        assert offsets(zone(name), 2026, 2027)


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("europe/london", "`Europe/London`"),
        ("london", "`Europe/London`"),
        ("New York", "`America/New_York`"),
        ("Asia/Kolkatta", "`Asia/Kolkata`"),
        ("PST", "`America/Los_Angeles`"),
        ("GMT+2", "`Etc/GMT-2`"),
        ("-05:00", "`Etc/GMT+5`"),
        ("", "`UTC`"),
        ("../../etc/passwd", "`UTC`"),
        ("/etc/passwd", "`UTC`"),
        ("Europe/../UTC", None),
        ("Factory", "`UTC`"),
        ("Europe/London\x00", None),
        ("x" * 10_000, "`UTC`"),
    ],
)
def test_any_other_name_is_refused_with_a_name_to_write(name, instead):
    with pytest.raises(ZoneError) as caught:
        zone(name)
    assert (instead or "write") in str(caught.value)
    assert len(str(caught.value)) < 200


def test_the_data_are_those_of_the_package_and_not_of_the_machine(tmp_path):
    (tmp_path / "Europe").mkdir()
    other = resources.files("tzdata.zoneinfo").joinpath("Asia", "Tokyo").read_bytes()
    (tmp_path / "Europe" / "London").write_bytes(other)
    script = (
        "from datetime import *; from zoneinfo import ZoneInfo; from chalicelib.domain.timezones import zone;"
        "moment = datetime(2026, 1, 1, tzinfo=UTC);"
        "print(*(moment.astimezone(z).hour for z in (ZoneInfo('Europe/London'), zone('Europe/London'))))"
    )
    environment = os.environ | {"PYTHONTZPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], check=True, env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["9", "0"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("UTC", (0,)),
        ("America/New_York", (-300, -240)),
        ("Europe/Dublin", (0, 60)),
        ("Australia/Lord_Howe", (630, 660)),
        ("Africa/Casablanca", (0, 60)),
        ("Antarctica/Troll", (0, 120)),
        ("Asia/Kathmandu", (345,)),
        ("Pacific/Apia", (780,)),
    ],
)
def test_offsets_are_all_that_the_clocks_show_in_these_years(name, expected):
    assert offsets(zone(name), 2026, 2036) == expected


def test_no_offset_is_missed_that_lasts_a_week():
    gaza = zone("Asia/Gaza")  # seven days of winter time end in March 2054
    assert datetime(2054, 3, 25, tzinfo=UTC).astimezone(gaza).utcoffset() is not None
    assert offsets(gaza, 2054, 2054) == (120, 180)
