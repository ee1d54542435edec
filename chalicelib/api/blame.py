"""Whether an exception says that AWS is throttling or failing: the same request may succeed a little later."""

from __future__ import annotations

from chalicelib.domain.problems import Unavailable

PASSING = {
    "DependencyTimeoutException",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "KMSInternalException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}


def unavailable(error: BaseException) -> Unavailable | None:
    """The problem to answer where `error`, or what PynamoDB wrapped in it, will pass; None where it is ours."""
    from botocore import exceptions  # only who met an exception waits for it

    cause = getattr(error, "cause", None) or error
    if isinstance(cause, exceptions.ClientError):
        passing = cause.response.get("Error", {}).get("Code") in PASSING
    else:
        passing = isinstance(cause, exceptions.HTTPClientError | exceptions.ConnectionError)
    return Unavailable("AWS is busy or out of reach; ask again in a few seconds.") if passing else None
