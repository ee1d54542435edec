from __future__ import annotations

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from infra.operate.refusals import Refused, plainly, told


def refused(code, message="Go away"):
    return exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "CreateStack")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Refused("So it is."), "So it is."),
        (exceptions.NoCredentialsError(), "There are no AWS credentials here. Sign in"),
        (exceptions.ProfileNotFound(profile="ada"), "Look at AWS_PROFILE"),
        (exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "AWS_SECRET_ACCESS_KEY"),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="x"), "The AWS session is over. Sign in again"),
        (exceptions.UnauthorizedSSOTokenError(), "The AWS session is over."),
        (exceptions.EndpointConnectionError(endpoint_url="https://sts"), "AWS can't be reached"),
        (exceptions.ConnectTimeoutError(endpoint_url="https://sts"), "Is this machine online"),
        (exceptions.NoRegionError(), "It can't be done: You must specify a region."),
        (refused("ExpiredToken"), "The AWS session is over."),
        (refused("InvalidClientTokenId"), "AWS does not know these credentials."),
        (refused("SignatureDoesNotMatch"), "this machine's clock is wrong"),
        (refused("AccessDenied"), "AWS does not let you do CreateStack: Go away. Ask whoever runs the account"),
        (refused("Throttling", "Rate\n  exceeded"), "AWS refused CreateStack (Throttling): Rate exceeded"),
        (ResponseParserError("<html>"), "perhaps a proxy"),
        (FileNotFoundError("x"), "It can't be done: x"),
    ],
)
def test_each_failure_is_a_sentence_that_says_what_to_do(error, words, capsys):
    assert words in told(error)

    def command():
        raise error

    assert plainly(command) == 1
    assert capsys.readouterr().err == told(error) + "\n"


def test_a_mistake_of_ours_is_not_dressed_up():
    with pytest.raises(ZeroDivisionError):
        told(ZeroDivisionError())


def test_ctrl_c_says_that_aws_goes_on(capsys):
    def command():
        raise KeyboardInterrupt

    assert plainly(command) == 130
    assert "goes on" in capsys.readouterr().err
