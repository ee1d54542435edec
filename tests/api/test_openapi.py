"""The document says what the app does, in valid OpenAPI 3.1."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from chalice import Blueprint, Chalice
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.api import http, openapi
from tests.api.sample import THING, Options, Sample

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sample():
    return Sample()


@pytest.fixture(scope="module")
def document(sample):
    return sample.call("GET", "/openapi.json", token=None).json_body


def test_the_document_is_valid(document):
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_document_and_the_routes_are_the_same(sample, document):
    served = {(path, method.lower()) for path, methods in sample.app.routes.items() for method in methods}
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == served


def test_the_document_does_not_change_by_itself(document):
    assert Sample().call("GET", "/openapi.json").body == msgspec.json.encode(document)


def test_schemas_are_named_after_the_structs(document):
    assert set(document["components"]["schemas"]) == {
        *("Thing", "Docker", "Image", "Command", "Ref", "Variable", "Stored", "Options", "Report"),
        *("ThingPatch", "DockerPatch", "ImagePatch", "CommandPatch", "RefPatch"),
        *("ProblemDetails", "FieldError"),
    }


def test_an_operation_says_who_may_what_goes_in_and_what_comes_out(document):
    create = document["paths"]["/things"]["post"]
    assert create["operationId"] == "create_thing"
    assert create["summary"] == "Create one."
    assert create["security"] == [{"token": []}]
    assert "deployer" in create["description"]
    assert [parameter["name"] for parameter in create["parameters"]] == ["Idempotency-Key"]
    assert create["requestBody"]["required"] is True
    assert create["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Thing"}
    assert create["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Stored"
    }
    assert set(create["responses"]["201"]["headers"]) == {"ETag", "Idempotency-Replayed"}
    assert set(create["responses"]) == {
        *("201", "400", "401", "403", "409", "413", "415", "422", "429", "500", "503"),
    }


def test_a_list_says_how_it_pages(document):
    things = document["paths"]["/things"]["get"]
    told = {parameter["name"]: parameter for parameter in things["parameters"]}
    assert told["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}
    assert told["status"]["description"] == "Only these."
    assert told["status"]["schema"]["enum"] == ["new", "old"]
    assert "413" in things["responses"], "a body that nobody asks for can be too large, too"
    page = things["responses"]["200"]["content"]["application/json"]["schema"]
    assert page["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Report"}


def test_a_change_says_which_version_it_is_for(document):
    patch = document["paths"]["/things/{name}"]["patch"]
    assert [parameter["name"] for parameter in patch["parameters"]] == ["name", "If-Match"]
    assert {"404", "409", "412"} <= set(patch["responses"])
    assert set(patch["requestBody"]["content"]) == {"application/json", "application/merge-patch+json"}
    delete = document["paths"]["/things/{name}"]["delete"]
    assert delete["responses"]["204"] == {"description": "Done; nothing to tell."}


def test_whatever_can_be_changed_takes_the_version_that_was_seen():
    """All but tokens, which never change: there is one version of them."""
    from app import app

    routes = [route for _, route in openapi.described(app) if route.method in ("PUT", "PATCH", "DELETE")]
    assert [route.path for route in routes if not route.versioned] == ["/tokens/{token}"]
    assert len(routes) > 8


def test_head_is_described_without_a_body(document):
    head = document["paths"]["/health"]["head"]
    assert head["operationId"] == "head_health"
    assert head["responses"].keys() == document["paths"]["/health"]["get"]["responses"].keys()
    assert not [answer for answer in head["responses"].values() if "content" in answer or "$ref" in answer]


def test_every_error_is_a_problem(document):
    for response in document["components"]["responses"].values():
        assert response["content"]["application/problem+json"]["schema"]["$ref"].endswith("/ProblemDetails")


def validator(document, name):
    return Draft202012Validator({**document, "$ref": f"#/components/schemas/{name}"})


def test_what_is_answered_fits_the_document(sample, document):
    stored = sample.call("POST", "/things", {**THING, "ref": {"tag": "v1"}, "variables": [{"name": "A"}]}).json_body
    assert list(validator(document, "Stored").iter_errors(stored)) == []
    problem = sample.call("POST", "/things", {}).json_body
    assert list(validator(document, "ProblemDetails").iter_errors(problem)) == []


@pytest.mark.parametrize(
    ("name", "told", "fits"),
    [
        ("Thing", THING, True),
        ("Thing", {**THING, "bogus": 1}, False),
        ("Thing", {**THING, "ref": {"branch": "a", "tag": "b"}}, False),
        ("Thing", {"name": "abc"}, False),
        ("ThingPatch", {}, True),
        ("ThingPatch", {"memory_mb": None, "ref": None, "source": {"command": "x"}}, True),
        ("ThingPatch", {"source": {"type": "image"}}, True),
        ("ThingPatch", {"name": None}, False),
        ("ThingPatch", {"bogus": None}, False),
    ],
)
def test_the_schemas_take_what_the_calls_take(document, name, told, fits):
    assert validator(document, name).is_valid(told) is fits


def test_two_views_of_one_name_are_refused():
    bp = Blueprint(__name__)
    for path in ("/a", "/b"):

        @http.route(bp, "GET", path, role=None, answers=Options)
        def same(request):
            return Options()

    app = Chalice("twice", configure_logs=False, env={})
    app.register_blueprint(bp)
    with pytest.raises(ValueError, match="same"):
        openapi.document(app, "x", "1")


def test_serving_does_not_import_what_only_the_document_needs():
    told = "import chalicelib.api.http, sys; print([m for m in sys.modules if m.startswith(('chalicelib.api.openapi',"
    told += "'chalicelib.api.schemas', 'jsonschema', 'pydantic', 'boto3', 'difflib'))])"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == "[]"
