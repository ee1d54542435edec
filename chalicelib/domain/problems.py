"""What can be wrong with a request, as exceptions that the edges turn into answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import msgspec

# Error codes of AWS after which the same request may succeed a little later: throttling, limits, faults of its own.
TEMPORARY_CODES = {
    "DependencyTimeoutException",
    "ExecutionLimitExceeded",
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


class FieldError(msgspec.Struct, frozen=True):
    """One wrong field: its path (`run.cron`, `variables[2].name`) and what to write instead."""

    field: str
    message: str


class Problem(Exception):
    """Base of all: `status` is the HTTP status, `title` its constant short name."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Malformed(Problem):
    """The body is not what its content type says."""

    status = 400
    title = "Malformed request"


class Unauthenticated(Problem):
    """No token, or one that is not (or no longer) valid."""

    status = 401
    title = "Authentication required"


class Forbidden(Problem):
    """The token is valid, but its role does not allow this."""

    status = 403
    title = "Not allowed"


class NotFound(Problem):
    """The thing named does not exist."""

    status = 404
    title = "Not found"


class Conflict(Problem):
    """The present state does not allow this; the detail says which state."""

    status = 409
    title = "Conflict with the present state"


class Stale(Problem):
    """If-Match names a version that is not the present one."""

    status = 412
    title = "Changed by someone else"


class TooLarge(Problem):
    """The body is larger than any valid one."""

    status = 413
    title = "Body too large"


class UnsupportedMediaType(Problem):
    """The content type is not JSON."""

    status = 415
    title = "Unsupported media type"


class Invalid(Problem):
    """One or more fields are wrong; `errors` names all of them."""

    status = 422
    title = "Invalid fields"

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{e.field}: {e.message}" for e in self.errors))


class Unavailable(Problem):
    """AWS is throttling or failing; the same request may succeed after `retry_after` seconds."""

    status = 503
    title = "Temporarily unavailable"

    def __init__(self, detail: str, retry_after: int = 2) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
