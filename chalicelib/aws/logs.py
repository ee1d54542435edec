"""CloudWatch Logs: the lines of a build, forward and by page."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.aws.clients import client

Line = tuple[datetime, str]
# How CodeBuild begins what it says itself, between the lines of the job.
OF_CODEBUILD = "[Container] "


class BadToken(Exception):
    """CloudWatch never gave this token for this stream."""


def lines(group: str, stream: str, token: str | None, limit: int) -> tuple[list[Line], str | None]:
    """A page of lines from the start or from `token`, and the token to go on from; a stream not yet there is empty.

    CodeBuild's own lines are left out. Raises BadToken.
    """
    logs = client("logs")
    place = {"logGroupName": group, "logStreamName": stream, "startFromHead": True, "limit": limit}
    try:
        answer = logs.get_log_events(**place, **({"nextToken": token} if token else {}))
    except logs.exceptions.ResourceNotFoundException:
        return [], token
    except logs.exceptions.InvalidParameterException:
        raise BadToken from None
    told = [event for event in answer["events"] if not event["message"].startswith(OF_CODEBUILD)]
    found = [(_time(event["timestamp"]), event["message"].removesuffix("\n")) for event in told]
    return found, str(answer["nextForwardToken"])


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
