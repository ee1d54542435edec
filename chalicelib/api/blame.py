"""Map errors of AWS to 503: what is busy, and what AWS refuses, with its reason."""

from __future__ import annotations

from chalicelib.domain.problems import TEMPORARY_CODES, Unavailable

BUSY = "AWS is busy or out of reach; ask again in a few seconds."
REFUSED_RETRY_SECONDS = 60


def unavailable(error: BaseException, with_reason: bool = True) -> Unavailable | None:
    """Return the problem to answer for an AWS error, or one that PynamoDB wrapped; None for an error of our own.

    `with_reason`: a refusal (missing rights, invalid input) is answered with AWS's own code and message.
    """
    from botocore import exceptions  # imported only once there is an error: it is slow

    cause = getattr(error, "cause", None) or error
    if isinstance(cause, exceptions.HTTPClientError | exceptions.ConnectionError):
        return Unavailable(BUSY)
    if not isinstance(cause, exceptions.ClientError):
        return None
    answer = cause.response.get("Error", {})
    if answer.get("Code") in TEMPORARY_CODES or not with_reason:
        return Unavailable(BUSY)
    reason = f"AWS refused {cause.operation_name}: {answer.get('Code')}: {answer.get('Message')}"
    return Unavailable(reason[:1000], REFUSED_RETRY_SECONDS)
