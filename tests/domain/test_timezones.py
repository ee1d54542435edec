"""Names of time zones, and the offsets that their clocks use."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.timezones import ZoneError, names, offsets, rule, table, zone


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


def advised(name):
    with pytest.raises(ZoneError) as caught:
        zone(name)
    message = str(caught.value)
    return re.findall("`([^`]*)`", message)[1:] if "such as" not in message else []


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("MSK", ["Europe/Moscow"]),
        ("cest", ["Europe/Paris"]),
        ("PST", ["America/Los_Angeles", "Asia/Manila"]),
        ("IST", ["Europe/Dublin", "Asia/Jerusalem", "Asia/Kolkata"]),
        ("KST", ["Asia/Seoul"]),
        ("China", ["Asia/Shanghai", "Asia/Urumqi"]),
        ("India", ["Asia/Kolkata"]),
        ("Germany", ["Europe/Berlin"]),
        ("South Korea", ["Asia/Seoul"]),
        ("United Kingdom", ["Europe/London"]),
        ("Eastern Time", ["America/New_York"]),
        ("W. Europe Standard Time", ["Europe/Berlin"]),
        ("China Standard Time", ["Asia/Shanghai"]),
        ("São Paulo", ["America/Sao_Paulo"]),
        ("Amercia/New_York", ["America/New_York"]),
        ("Asia/Singapor", ["Asia/Singapore"]),
    ],
)
def test_tables_say_which_zone_is_meant(name, instead):
    assert advised(name) == instead


@pytest.mark.parametrize(
    "name",
    [
        *("Asia/Mumbai", "America/Boston", "Asia/Beijing", "Asia/Delhi", "America/Miami", "America/Seattle", "Mumbai"),
        *("America/San_Francisco", "Europe/Munich", "Europe/Geneva", "Europe/Barcelona", "Asia/Osaka", "Boston"),
        *("Delhi", "America/Dallas", "America/Washington", "America/Rio", "Europe/Milan", "Asia/Hanoi"),
        *("Australia/Cairns", "Europe/Lublin", "America/Granada", "Asia/Bangalore", "Preston", "Granada", "Vitoria"),
        *("Russia", "Africa/Malambo", "Monterey", "Europe/Cologne", "America/Austin", "Africa/Cape_Town"),
    ],
)
def test_a_place_that_is_only_spelled_alike_is_not_advised(name):
    assert advised(name) == []


def clock(name, moment):
    """The offset and the abbreviation that a zone's clocks show."""
    local = moment.astimezone(zone(name))
    return local.utcoffset(), local.tzname()


def test_an_abbreviation_is_that_of_each_zone_advised_for_it():
    months = [datetime(2027, month, 15, tzinfo=UTC) for month in range(1, 13)]
    words = {clock(name, moment)[1] for name in names() for moment in months}
    for word in sorted(word for word in words if word.isalpha() and word not in names()):
        for name in advised(word):
            assert word in {clock(name, moment)[1] for moment in months}, (word, name)


def test_a_name_of_windows_is_advised_as_a_zone_that_there_is():
    from tzlocal.windows_tz import win_tz

    for name, meant in win_tz.items():
        if name not in names() and meant in names():
            assert advised(name) == [meant]


def test_a_country_is_advised_as_its_zones():
    zones = {}
    for code, _, name, *_ in table("zone.tab"):
        zones.setdefault(code, set()).add(name)
    asked = [(code, name) for code, name, *_ in table("iso3166.tab") if name not in names()]
    for code, name in asked:
        assert set(advised(name)) <= zones.get(code, set()), name
    assert sum(bool(advised(name)) for _, name in asked) > 200


@given(st.sampled_from(sorted(name for name in names() if "/" in name)), st.data())
@settings(max_examples=150, deadline=None)
def test_a_typo_is_advised_as_the_zone_it_was_made_of_or_not_at_all(name, data):
    at = data.draw(st.integers(1, len(name) - 2))
    slips = [name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:]]
    slips.append(name[:at] + name[at + 1] + name[at] + name[at + 2 :])
    slip = data.draw(st.sampled_from(slips))
    if slip in names():
        return
    rules = {rule(one) for one in advised(slip)}
    assert rules <= {rule(name)}, (name, slip)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_whatever_is_advised_is_a_zone(text):
    if text not in names():
        assert all(zone(name) for name in advised(text))


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
