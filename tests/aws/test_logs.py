from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import boto3
import pytest

from chalicelib.aws import logs

GROUP = "/aws/codebuild/kinto-local-run"
AT = int(datetime.now(UTC).timestamp() * 1000)


@pytest.fixture(scope="module")
def put(embed):
    embed("RunLogs")
    client = boto3.client("logs")

    def put(stream, *texts):
        with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        events = [{"timestamp": AT, "message": text} for text in texts]
        client.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)

    return put


def texts(stream, token=None, limit=1000):
    lines, token = logs.lines(GROUP, stream, token, limit)
    return [text for _, text in lines], token


def test_a_stream_that_is_not_there_yet_is_empty(put):
    assert logs.lines(GROUP, "none", None, 10) == ([], None)
    assert logs.lines("/none", "none", None, 10) == ([], None)


def test_lines_are_in_order_and_have_their_time(put):
    put("a", "one", "two")
    lines, _ = logs.lines(GROUP, "a", None, 10)
    assert lines == [(datetime.fromtimestamp(AT / 1000, UTC), text) for text in ("one", "two")]


def test_what_codebuild_says_itself_is_left_out(put):
    put("d", "[Container] 2026/11/22 13:00:00 Running command ...\n", "of the job\n")
    assert texts("d")[0] == ["of the job"]


def test_pages_go_on_from_one_another_and_with_what_came_later(put):
    put("b", *(str(n) for n in range(5)))
    first, token = texts("b", limit=3)
    second, token = texts("b", token, 3)
    nothing, same = texts("b", token, 3)
    put("b", "later")
    last, _ = texts("b", same, 3)
    assert (first, second, nothing, last) == (["0", "1", "2"], ["3", "4"], [], ["later"])
    assert same == token


@pytest.mark.parametrize("token", ["x", "é"])
def test_a_token_that_cloudwatch_never_gave_is_told_apart(put, token):
    put("c", "one")
    with pytest.raises(logs.BadToken):
        texts("c", token)
