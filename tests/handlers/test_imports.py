"""What a function loads before its first event: nothing that it does not need for that."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from app import app

MODULES = sorted({function.handler_string.rpartition(".")[0] for function in app.pure_lambda_functions})
# The API, what only some paths need, what belongs to the laptop, and the part of AWS's library that is not used.
NOT_NEEDED = {"app", "chalicelib.api", "dulwich", "boto3", "moto", "infra", "waitress", "pytest", "yaml"}
NOT_NEEDED_BY_THE_API = NOT_NEEDED - {"app", "chalicelib.api"}


def loaded(module):
    code = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def needless(module, names):
    return {found for found in loaded(module) if any(found == name or found.startswith(f"{name}.") for name in names)}


@pytest.mark.parametrize("module", MODULES)
def test_a_step_or_an_event_is_handled_without_the_api(module):
    assert needless(module, NOT_NEEDED) == set()


def test_the_api_loads_neither_git_nor_the_laptop():
    assert needless("app", NOT_NEEDED_BY_THE_API) == set()


def test_no_function_makes_a_client_or_reads_its_environment_before_it_is_called():
    asked = "clients.client.cache_info().misses + edge.settings.cache_info().misses"
    code = f"import app; from chalicelib import edge; from chalicelib.aws import clients; print({asked})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={})
    assert done.stdout.strip() == "0"


def test_every_function_is_loaded_without_app_py():
    assert all(function.handler_string.startswith("chalicelib.handlers.") for function in app.pure_lambda_functions)
