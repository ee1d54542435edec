from __future__ import annotations

from datetime import UTC, datetime

from chalicelib import edge
from chalicelib.actions import tokens
from tests.infra.operate.conftest import TEMPLATE


def test_the_token_stands_alone_in_the_output_and_is_good(operator):
    assert operator.run("deploy")[0] == 0
    code, output, errors = operator.run("token", "--name", "Ada", "--role", "deployer")
    assert code == 0
    assert output.count("\n") == 1
    found = tokens.find(edge.settings().token_key, output.strip(), datetime.now(UTC))
    assert (found.name, found.role) == ("Ada", "deployer")
    assert output.strip() not in errors
    assert "https://abc.execute-api.us-east-1.amazonaws.com/api/#token=TOKEN" in errors
    assert "Authorization: Bearer TOKEN` at https://abc.execute-api.us-east-1.amazonaws.com/api" in errors


def test_without_more_it_is_an_admins(operator):
    assert operator.run("deploy")[0] == 0
    output = operator.run("token")[1]
    assert tokens.find(edge.settings().token_key, output.strip(), datetime.now(UTC)).role == "admin"


def test_without_a_stack_it_says_what_to_do(operator):
    code, output, errors = operator.run("token")
    assert (code, output) == (1, "")
    assert errors.startswith(f"There is no stack {operator.stack} in account 123456789012, us-east-1.")
    assert "make deploy STAGE=dev" in errors


def test_a_function_that_fails_is_told(operator):
    operator.pack(TEMPLATE.replace("Value: MintToken", "Value: Begin"))
    assert operator.run("deploy")[0] == 0
    code, output, errors = operator.run("token")
    assert (code, output) == (1, "")
    assert errors.startswith("The stack made no token: ")


def test_a_function_that_is_not_there_is_told(operator):
    operator.pack(TEMPLATE.replace("Value: MintToken", "Value: Nobody"))
    assert operator.run("deploy")[0] == 0
    code, output, errors = operator.run("token")
    assert (code, output, "Traceback" in errors) == (1, "", False)
