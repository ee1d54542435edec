"""What a refused pattern should have been: cases from public reports, and every piece of advice tried."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import crontab, timezones
from chalicelib.domain.cron.advice import intervals
from chalicelib.domain.cron.fields import FIELDS, faults
from tests.domain.cron_patterns import PATTERNS
from tests.domain.test_cron import REFUSED, VECTORS

CASES = [
    ("cron(0 9 * ? * *)", "0 9 * * *"),
    ("cron(0 * * ? * *)", "0 * * * *"),
    ("cron(0 9 ? * 2-6 *)", "0 9 * * MON-FRI"),
    ("cron(0 9 ? * SAT-SUN *)", "0 9 * * SAT,SUN"),
    ("cron(0 9 ? * 1/2 *)", "0 9 * * */2"),
    ("cron(0 9 * * 1)", "0 9 * * SUN"),
    ('schedule_expression = "cron(0 12 * * ? *)"', "0 12 * * *"),
    ("0 30 15 * * MON-FRI", "30 15 * * MON-FRI"),
    ("0 0 9 * * 7", "0 9 * * 7"),
    ("0 5/15 9 * * *", "5-59/15 9 * * *"),
    ("0 0 12 * * ? *", "0 12 * * *"),
    ("0 0 0/1 1/1 * ? *", "0 * * * *"),
    ("0 15 10 ? * 6 2005-2030", "15 10 * * FRI"),
    ("0 9 * * 1 2026", "0 9 * * 1"),
    ("rate(2 hours)", "0 */2 * * *"),
    ("Rate( 1 hour )", "0 * * * *"),
    ("@every 6h", "0 */6 * * *"),
    ("rate(1 day)", "0 0 * * *"),
    ("@every 168h", "0 0 * * 0"),
    ("every 5 minutes", "*/5 * * * *"),
    ("@every 0h10m0s", "*/10 * * * *"),
    ("0 */2 * * * # every 2 hours", "0 */2 * * *"),
    ("# nightly\n0 6 * * *", "0 6 * * *"),
    ("'0 9 * * *'", "0 9 * * *"),
    ("“0 9 * * *”", "0 9 * * *"),
    ("`0 9 * * *`", "0 9 * * *"),
    ("- cron: '0 9 * * *'", "0 9 * * *"),
    ("cron: 0 9 * * 1-5", "0 9 * * 1-5"),
    ("0 9 * * 1, 3, 5", "0 9 * * 1,3,5"),
    ("0 9 * * 1 - 5", "0 9 * * 1-5"),
    ("0 5 * * * root /usr/bin/backup", "0 5 * * *"),
    ("0 9 * * 1-5;", "0 9 * * 1-5"),
    ("\\* \\* \\* \\* \\*", "* * * * *"),
    ("\ufeff0 9 * * *", "0 9 * * *"),
    ("0\u200b9 * * *", "0 9 * * *"),
    ("daily", "@daily"),
    ("@Hourly", "@hourly"),
]
OF_ITEMS = [
    ("H/10 * * * *", "*/10 * * * *"),
    ("H(0-29)/10 * * * *", "0-29/10 * * * *"),
    ("H H(0-2) * * *", "0 0 * * *"),
    ("0 9 * * 1–5", "0 9 * * 1-5"),
    ("٣ ＊/2 * * *", "3 */2 * * *"),
    ("0 9 * * monday-friday", "0 9 * * MON-FRI"),
    ("0 9 * sept thurs", "0 9 * SEP THU"),
    ("0 22-2 * * FRI-MON", "0 22-23,0-2 * * FRI,SAT,SUN,MON"),
]  # fmt: skip


def refusal(text):
    with pytest.raises(crontab.CronError) as caught:
        crontab.parse(text)
    return str(caught.value)


def advised(message):
    """What a message quotes in order to be written."""
    return re.findall(r"write `([^`]*)`", message)


def meaning(text):
    cron = crontab.parse(text)
    return [getattr(cron, name) for name in ("minutes", "hours", "months", "day_or", "days", "weekdays")]


@pytest.mark.parametrize(("text", "instead"), CASES)
def test_a_pattern_from_elsewhere_is_advised_in_five_fields(text, instead):
    assert advised(refusal(text)) == [instead]
    assert crontab.parse(instead).text == instead


@pytest.mark.parametrize(("text", "instead"), OF_ITEMS)
def test_the_corrected_items_are_a_pattern(text, instead):
    message = refusal(text)
    fields = text.split()
    for name, item, advice in re.findall(r"\b(?!together)([a-z-]+): `([^`]*)`(.*?)(?:\. |$)", message):
        at = [field.name for field in FIELDS].index(name)
        fields[at] = fields[at].replace(item, *re.findall(r"(?:write|such as) `([^`]*)`", advice))
    assert " ".join(fields) == instead
    assert crontab.parse(instead)
    assert re.findall("All together: `([^`]*)`", message) == [instead] * message.count("All together")


@pytest.mark.parametrize(
    ("text", "pattern", "zone"),
    [
        ("TZ=Europe/Paris\n30 6 * * * # daily", "30 6 * * *", "Europe/Paris"),
        ("TZ=Europe/Paris\nH 6 * * *", "0 6 * * *", "Europe/Paris"),
        ("CRON_TZ=Asia/Tokyo 0 8 * * *", "0 8 * * *", "Asia/Tokyo"),
        ("0 9 * * 1-5 America/Chicago", "0 9 * * 1-5", "America/Chicago"),
        ("USING CRON 0 9 * * * UTC", "0 9 * * *", "UTC"),
        ("0 9 * * * MSK", "0 9 * * *", "Europe/Moscow"),
    ],
)
def test_a_time_zone_at_the_pattern_belongs_in_its_own_field(text, pattern, zone):
    assert f"write `{pattern}` and set the time zone in its own field, to `{zone}`" in refusal(text)
    assert crontab.parse(pattern)
    assert timezones.zone(zone)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0 */90 * * * *", "every 90 minutes can't be said in one pattern"),
        ("0 0 */36 * * *", "every 36 hours can't be said in one pattern"),
        ("@every 1h30m", "every 90 minutes can't be said in one pattern"),
        ("rate(7 minutes)", "every 7 minutes can't be said in one pattern"),
        ("rate(2 days)", "the days start again with each month"),
        ("cron(0 9 15W * ? *)", "day-of-month: `15W` cannot be read; `W` (the nearest weekday)"),
        ("0 6 * * *\n0 18 * * *", "a schedule has one pattern"),
        ("@every 30s", "at most once a minute"),
        ("*/10 0 9 * * *", "at most once a minute"),
        ("30 0 9 * * *", "seconds have no field here, so it runs on the whole minute"),
        ("0 0 0 13 * FRI", "it runs on days that fit either of them"),
        ("0 0 1 1 ? 2099", "years have no field here, so it runs in every year"),
    ],
)
def test_a_message_says_what_cannot_be_written(text, why):
    assert why in refusal(text)


@pytest.mark.parametrize("text", ["0 0 31 2 *", "0 0 30 2 *", "0 0 0 31 2 *", "-", "never", "@reboot", "@manual"])
def test_a_job_that_is_never_due_is_pointed_to_the_manual_run_mode(text):
    assert '{"mode": "manual"}' in refusal(text)


def test_what_cannot_be_seen_is_named():
    assert "U+200B (zero width space)" in refusal("0 9 * * 1\u200b")
    assert "U+2013 (en dash)" in refusal("0 9 * * 1–5")


def test_blanks_of_any_kind_are_blanks():
    for blank in ("\u00a0", "\u2003", "\t", "\r\n", "\u3000", "\u2028"):
        assert crontab.parse(blank.join(["0", "9", "*", "*", "1"])).text == "0 9 * * 1"


def test_every_field_that_is_wrong_is_named():
    message = refusal("60 24 32 13 8")
    assert [sentence.partition(":")[0] for sentence in message.split(". ")] == [field.name for field in FIELDS]


def readable(advice):
    """Whether what is advised is accepted: as a pattern, or as an item of one of the fields."""
    if advice.startswith("@") or " " in advice:
        return crontab.parse(advice) is not None
    return any(not faults(field, advice) for field in FIELDS)


SIGNS = "*,-/?#LWH@ \t\n'\"()=:;\u00a0\u200b–＊٣²abcMONJAN0123456789"
TOKENS = [
    *("*", "0", "30", "*/5", "*/90", "5/15", "22-2", "1-5", "MON-FRI", "FRI-MON", "sunday", "sept", "L", "15W"),
    *("6#3", "5L", "?", "H", "H/10", "H(0-2)", "H(9-16)/2", "0~30", "60", "32", "1,3", "1,", ",", "1–5", "2026"),
    *("2026-2030", "0/1", "1/1", "UTC", "America/Chicago", "MSK", "Asia/Mumbai", "root", "/usr/bin/x", "# often"),
    *("TZ=Europe/Paris", "cron:", "-", "'0", "@daily", "@every", "1h30m", "rate(2 hours)", "every", "minutes"),
    *("cron(0", "*)", "\n", "*/0", "1/2/3", "-5", "x-/"),
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(TOKENS), min_size=1, max_size=9).map(" ".join),
    st.text(alphabet=SIGNS, max_size=40),
    st.text(max_size=20),
    PATTERNS.map(lambda text: f"cron({text} *)"),
    PATTERNS.map(lambda text: f"0 {text}"),
    PATTERNS.map(lambda text: f"- cron: '{text}' # often"),
    st.tuples(
        st.sampled_from(["rate(%s)", "@every %s", "every %s"]), st.from_regex(r"\A[0-9]{1,4} ?(m|h|minutes|days)\Z")
    ).map(lambda pair: pair[0] % pair[1]),
)


def check(text):
    """Every piece of advice that a refusal of this text gives is accepted."""
    try:
        crontab.parse(text)
    except crontab.CronError as error:
        message = str(error)
        assert 0 < len(message) < 2000
        quoted = re.findall(r"(?:write|or|such as|together:) `([^`]*)`(?! never runs)", message)
        for advice in quoted:
            assert readable(advice), (text, message, advice)
        for zone in re.findall(r"own field, to `([^`]*)`", message):
            assert timezones.zone(zone)


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_all_advice_is_accepted(text):
    check(text)


@pytest.mark.parametrize("text", [*(text for text, _ in CASES + OF_ITEMS), *(one["unix"] for one in REFUSED)])
def test_all_advice_for_what_was_reported_is_accepted(text):
    check(text)


WRAPPINGS = ["'%s'", '- cron: "%s"', "%s # often", "TZ=UTC\n%s", "%s Europe/London", "%s;"]
READABLE = [one["unix"] for one in VECTORS if not one["error"]]
# An alias ends where it ends: what stands behind one is a field too many.
WRAPPED = [
    (text, wrapping)
    for wrapping in WRAPPINGS
    for text in READABLE
    if not (text.startswith("@") and wrapping.endswith(("often", "London")))
]


@pytest.mark.parametrize(("text", "wrapping"), WRAPPED)
def test_what_stands_around_a_pattern_does_not_change_its_meaning(text, wrapping):
    (instead,) = advised(refusal(wrapping % text))
    assert meaning(instead) == meaning(text)


@pytest.mark.parametrize("vector", [one for one in VECTORS if len(one["expressions"]) == 1 and not one["gate"]],
                         ids=lambda one: one["unix"])  # fmt: skip
def test_an_expression_of_aws_is_advised_as_the_pattern_that_it_was_made_of(vector):
    (expression,) = vector["expressions"]
    if re.search(r"#|[1-7]L|(SUN|MON|TUE|WED|THU|FRI|SAT)L", expression):
        assert "can't be said here" in refusal(expression)
        return
    instead = crontab.parse(*advised(refusal(expression)))
    pattern = crontab.parse(vector["unix"])
    start = datetime(2027, 1, 1, tzinfo=UTC)
    assert (instead.minutes, instead.hours) == (pattern.minutes, pattern.hours)
    for day in (start + timedelta(days=number) for number in range(4 * 366)):
        fits = [cron.has_day(day.month, day.day, day.isoweekday() % 7) for cron in (instead, pattern)]
        assert fits[0] == fits[1], (expression, instead.text, day)


@given(st.integers(1, 20_000))
@settings(max_examples=300, deadline=None)
def test_an_interval_is_advised_only_where_each_run_follows_so_soon(minutes):
    pattern = intervals.pattern(intervals.minutes(f"@every {minutes}m"))
    week = 7 * 1440
    if pattern is None:
        assert not (minutes < 1440 and (60 % minutes == 0 or (minutes % 60 == 0 and 1440 % minutes == 0)))
        return
    cron = crontab.parse(pattern)
    start = datetime(2027, 1, 3, tzinfo=UTC)  # a Sunday
    due = [
        number
        for number in range(2 * week)
        if (at := start + timedelta(minutes=number))
        and at.minute in cron.minutes
        and at.hour in cron.hours
        and cron.has_day(at.month, at.day, at.isoweekday() % 7)
    ]
    assert due == list(range(0, 2 * week, minutes))


@given(st.sampled_from(FIELDS[:4]), st.data())
@settings(max_examples=200, deadline=None)
def test_a_range_over_the_end_keeps_its_values(field, data):
    first = data.draw(st.integers(field.low + 1, field.high))
    last = data.draw(st.integers(field.low, first - 1))
    at = FIELDS.index(field)
    fields = ["*"] * 5
    fields[at] = f"{first}-{last}"
    (instead,) = advised(refusal(" ".join(fields)))
    fields[at] = instead
    cron = crontab.parse(" ".join(fields))
    expected = {number for number in field.all if number >= first or number <= last}
    assert [cron.minutes, cron.hours, cron.days, cron.months][at] == expected


def test_a_hostile_text_is_refused_at_once():
    for text in ("MON" * 330, "(" * 999, "A" * 999, " ,-/" * 249, "cron(" * 199, "'" * 999, "1-" * 499, "*/" * 499):
        refusal(text)
