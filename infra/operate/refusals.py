"""What went wrong, as a sentence that a person can act on."""

from __future__ import annotations

import sys
from collections.abc import Callable

from botocore import exceptions
from botocore.parsers import ResponseParserError

NO_CREDENTIALS = (
    "There are no AWS credentials here. Sign in (`aws sso login --profile NAME`, then AWS_PROFILE=NAME), "
    "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
)
EXPIRED = "The AWS session is over. Sign in again (`aws sso login`, or whatever gave you these credentials)."
WRONG = "AWS does not know these credentials. Look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_PROFILE."
CODES = {
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "RequestExpired": EXPIRED,
    "InvalidClientTokenId": WRONG,
    "UnrecognizedClientException": WRONG,
    "InvalidAccessKeyId": WRONG,
    "AuthFailure": WRONG,
    "SignatureDoesNotMatch": WRONG + " The secret key is not that of the key id, or this machine's clock is wrong.",
}
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403")


# Whatever a call to AWS may raise.
FAILURES = (exceptions.BotoCoreError, exceptions.ClientError, exceptions.HTTPClientError, ResponseParserError)


class Refused(Exception):
    """Why it can't be done, and what to do; the text is for a person."""


def told(error: BaseException) -> str:
    """A sentence for an error that botocore or we raised; anything else is raised again."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, exceptions.ClientError):
        return _of_aws(error)
    if isinstance(error, exceptions.NoCredentialsError):
        return NO_CREDENTIALS
    if isinstance(error, exceptions.ProfileNotFound):
        return f"{error}. Look at AWS_PROFILE and ~/.aws/config."
    if isinstance(error, (exceptions.TokenRetrievalError, exceptions.SSOError)):
        return EXPIRED
    if isinstance(error, (exceptions.PartialCredentialsError, exceptions.CredentialRetrievalError)):
        return f"The AWS credentials can't be used: {error}."
    if isinstance(error, (exceptions.HTTPClientError, exceptions.ConnectionError)):
        return f"AWS can't be reached: {error}. Is this machine online, and is that the right Region?"
    if isinstance(error, ResponseParserError):
        return "What answered was not AWS, perhaps a proxy on the way. Look at HTTPS_PROXY and AWS_ENDPOINT_URL."
    if isinstance(error, (exceptions.BotoCoreError, OSError)):
        return f"It can't be done: {error}"
    raise error


def _of_aws(error: exceptions.ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in CODES:
        return CODES[code]
    if code in DENIED:
        return f"AWS does not let you do {error.operation_name}: {message}. Ask whoever runs the account for it."
    return f"AWS refused {error.operation_name} ({code}): {' '.join(message.split())[:200]}"


def plainly(command: Callable[[], int]) -> int:
    """The command's exit code; what goes wrong is a sentence and exit code 1, never a traceback."""
    try:
        return command()
    except KeyboardInterrupt:
        print("\nInterrupted. What AWS has begun goes on; the same command again looks after it.", file=sys.stderr)
        return 130
    except (Refused, *FAILURES, OSError) as error:
        print(told(error), file=sys.stderr)
        return 1
