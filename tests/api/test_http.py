"""The mechanism through Chalice's own gateway: who is admitted, what is parsed, what comes back."""

from __future__ import annotations

import json
import threading

import msgspec
import pytest
from chalice import Blueprint, Chalice
from chalice.app import NotFoundError
from chalice.config import Config
from chalice.local import LocalGateway
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.api import http
from tests.api.sample import BAD, SETTINGS, THING, TOKENS, Claims, Options, Report, Sample, reach

PROBLEM = "application/problem+json"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*THING, "ref"]), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def sample():
    return Sample()


def is_problem(response, status):
    """The problem's body, after what every problem has was checked."""
    assert response.status_code == status
    assert response.headers["Content-Type"] == PROBLEM
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json_body
    assert set(body) - {"errors"} == {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert body["type"].startswith("urn:kintoblocks:problem:")
    assert ("errors" in body) is (status == 422)
    return body


def fields(response):
    return {error["field"]: error["message"] for error in is_problem(response, 422)["errors"]}


# Who is admitted.


def test_no_token_is_needed_where_no_role_is(sample):
    response = sample.call("GET", "/health", token=None)
    assert (response.status_code, response.json_body) == (200, {"force": False})
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"


def test_head_returns_the_headers_of_get_without_a_body(sample):
    get, head = (sample.call(method, "/health", token=None) for method in ("GET", "HEAD"))
    assert (head.status_code, head.body, head.headers) == (200, b"", get.headers)
    get, head = (sample.call(method, "/health?bogus=1", token=None) for method in ("GET", "HEAD"))
    assert (head.status_code, head.body, head.headers) == (422, b"", get.headers)


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer ", "Basic YTpi", "admin", "Bearer nobody", "Bearer a b"])
def test_without_a_valid_token_there_is_no_way_in(sample, sent):
    headers = {} if sent is None else {"Authorization": sent}
    response = sample.call("GET", "/things/a", token=None, **headers)
    assert "oken" in is_problem(response, 401)["detail"]
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_scheme_may_be_written_in_any_case(sample):
    assert sample.call("GET", "/things/a", token=None, authorization="bEaReR admin").status_code == 200


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        ("viewer", "GET", "/things/a", 200),
        ("viewer", "POST", "/things/a/start", 403),
        ("viewer", "DELETE", "/things/a", 403),
        ("deployer", "GET", "/things/a", 200),
        ("deployer", "POST", "/things/a/start", 202),
        ("deployer", "DELETE", "/things/a", 403),
        ("admin", "POST", "/things/a/start", 202),
        ("admin", "DELETE", "/things/a", 204),
    ],
)
def test_a_role_may_do_what_the_lesser_ones_may(sample, role, method, path, status):
    response = sample.call(method, path, token=role)
    assert response.status_code == status
    if status == 403:
        assert f"has the role {role}" in is_problem(response, 403)["detail"]


def test_who_may_not_is_told_so_before_anything_else_is_read(sample):
    is_problem(sample.call("POST", "/things", b"not json", token="viewer"), 403)
    is_problem(sample.call("POST", "/things", b"not json", token=None), 401)


# What comes back.


def test_a_view_gets_a_call_and_its_answer_is_encoded_whole(sample):
    response = sample.call("POST", "/things", {**THING, "until": "2026-11-22T10:00:00+02:00"}, token="deployer")
    assert response.status_code == 201
    assert response.headers["ETag"] == '"1"'
    body = response.json_body
    assert body["by"] == "the-deployer"
    assert body["note"] is None
    assert body["thing"]["until"] == "2026-11-22T08:00:00Z"
    assert len(body["id"]) == 26


def test_nothing_to_tell_is_204(sample):
    response = sample.call("DELETE", "/things/a")
    assert (response.status_code, response.body) == (204, b"")


def test_the_view_itself_stays_a_function():
    bp = Blueprint(__name__)

    @http.route(bp, "GET", "/x", role="viewer", answers=Options)
    def view(request):
        return Options(force=True)

    assert view(None) == Options(force=True)


def test_a_view_that_does_not_fit_its_path_is_refused_at_import():
    bp = Blueprint(__name__)
    with pytest.raises(TypeError, match="must take 2 arguments"):

        @http.route(bp, "GET", "/x/{name}", role="viewer", answers=Options)
        def view(request):
            return Options()

    with pytest.raises(TypeError, match="role"):
        http.route(bp, "GET", "/x", role="king", answers=Options)(lambda request: Options())


@pytest.mark.parametrize(("name", "status"), [("conflict", 409), ("gone", 404), ("busy", 503)])
def test_a_problem_becomes_its_answer(sample, name, status):
    sample.problem = BAD[name]
    response = sample.call("GET", "/things/a")
    assert is_problem(response, status)["detail"] == BAD[name].detail
    assert response.headers.get("Retry-After") == ("2" if status == 503 else None)


@pytest.mark.parametrize("error", [KeyError("secret"), NotFoundError("secret"), RecursionError("secret")])
def test_what_nobody_thought_of_is_logged_and_told_without_details(sample, caplog, error):
    sample.problem = error
    body = is_problem(sample.call("GET", "/things/a"), 500)
    assert "secret" not in json.dumps(body)
    reference = body["detail"].rpartition(" ")[2].rstrip(".")
    (record,) = [record for record in caplog.records if reference in record.getMessage()]
    assert record.exc_info[1] is error


# Chalice's own errors.


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(sample):
    response = sample.call("PUT", "/things")
    assert "GET, POST" in is_problem(response, 405)["detail"]
    assert response.headers["Allow"] == "GET, POST"


def test_an_error_of_a_plain_chalice_route_is_a_problem_too():
    app = Chalice("plain", configure_logs=False, env={})

    @app.route("/plain")
    def plain():
        raise NotFoundError("No such page.")

    @app.route("/broken")
    def broken():
        raise KeyError("secret")

    @app.route("/page")
    def page():
        return {"Code": "is fine in", "a": "body of yours"}

    http.install(app, Sample().edges())
    gateway = LocalGateway(app, Config())

    def get(path, **headers):
        answer = gateway.handle_request("GET", path, headers, b"")
        return answer["statusCode"], answer["headers"].get("Content-Type"), answer["body"]

    status, kind, text = get("/plain")
    assert (status, kind) == (404, PROBLEM)
    assert json.loads(text)["detail"] == "No such page."
    status, kind, text = get("/broken")
    assert (status, kind) == (500, PROBLEM)
    assert "secret" not in text
    status, kind, _ = get("/page", **{"content-type": "text/csv"})
    assert (status, kind) == (415, PROBLEM)
    assert get("/page")[0] == 200


def test_an_event_that_is_no_request_is_a_problem(sample):
    response = sample.app({}, None)
    assert response["statusCode"] == 500
    assert response["headers"]["Content-Type"] == PROBLEM


# Addresses and bodies.


@pytest.mark.parametrize("name", ["%00", "a%20b", "%C3%BC", "%FF", "a" * 129, "%7F"])
def test_a_name_that_nothing_can_have_is_nowhere(sample, name):
    is_problem(sample.call("GET", f"/things/{name}"), 404)


def test_a_name_may_be_percent_encoded(sample):
    assert sample.call("GET", "/things/%61b").json_body["id"] == "ab"


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "application/merge-patch+json",
        "*/*",
        "image/png",
    ],
)
def test_a_body_must_say_that_it_is_json(sample, kind):
    headers = {"Content-Type": kind} if kind else {"Content-Type": ""}
    response = sample.call("POST", "/things", json.dumps(THING).encode(), **headers)
    assert "Content-Type: application/json" in is_problem(response, 415)["detail"]


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_may_be_said_in_several_ways(sample, kind):
    assert sample.call("POST", "/things", THING, **{"Content-Type": kind}).status_code == 201


def test_a_merge_patch_may_say_what_it_is(sample):
    told = {"Content-Type": "application/merge-patch+json"}
    response = sample.call("PATCH", "/things/a", {"memory_mb": 512}, **told)
    assert response.json_body["thing"]["memory_mb"] == 512
    assert response.headers["ETag"] == '"4"'


@pytest.mark.parametrize(
    ("raw", "status"), [(b"{", 400), (b"\xff", 400), (b"[]", 400), (b"", 400), (b" " * 1_000_001 + b"{}", 413)]
)
def test_a_body_that_can_not_be_read_is_refused(sample, raw, status):
    is_problem(sample.call("POST", "/things", raw), status)
    is_problem(sample.call("PATCH", "/things/a", raw), status)


def test_broken_base64_from_the_gateway_is_not_our_error(sample):
    event = sample.client.http._local_gateway._generate_lambda_event(
        "POST", "/things", {"authorization": "Bearer admin", "content-type": "application/json"}, b""
    )
    response = sample.app({**event, "body": "a", "isBase64Encoded": True}, None)
    assert response["statusCode"] == 400


def test_a_body_without_required_fields_may_be_left_out(sample):
    assert sample.call("POST", "/things/a/start").json_body["id"] == "a False"
    assert sample.call("POST", "/things/a/start", {"force": True}).json_body["id"] == "a True"
    assert "force" in fields(sample.call("POST", "/things/a/start", {"force": 1}))


def test_a_call_that_takes_no_body_takes_no_fields(sample):
    assert sample.call("DELETE", "/things/a", {}).status_code == 204
    assert fields(sample.call("DELETE", "/things/a", {"x": 1})) == {"x": "is not a field here: there are none"}
    is_problem(sample.call("GET", "/things/a", b"nonsense"), 400)


# Query and pages.


def test_a_page_leads_to_the_next(sample):
    first = sample.call("GET", "/things?status=old&limit=2").json_body
    assert first["items"][0]["limit"] == 2
    assert first["items"][0]["query"] == {"status": "old"}
    second = sample.call("GET", f"/things?status=old&cursor={first['next']}").json_body
    assert second["items"][0]["cursor"] == {"sk": "THING#2"}
    assert second["items"][0]["limit"] == 25
    assert second["next"] is None


def test_a_cursor_is_of_its_list_and_filter_alone(sample):
    first = sample.call("GET", "/things?status=old").json_body
    told = fields(sample.call("GET", f"/things?status=new&cursor={first['next']}"))
    assert "another list" in told["cursor"]


QUERIES = [
    ("limit=0", "limit", "between 1 and 100, not 0"),
    ("limit=101", "limit", "between 1 and 100, not 101"),
    ("limit=ten", "limit", "must be a whole number"),
    ("limit=", "limit", "must be a whole number"),
    ("limit=1.5", "limit", "must be a whole number"),
    ("limit=%EF%BC%91", "limit", "must be a whole number"),
    ("limit=" + "9" * 5000, "limit", "must be a whole number"),
    ("limit=1&limit=2", "limit", "is there 2 times"),
    ("status=odl", "status", 'did you mean "old"?'),
    ("status=", "status", 'must be "new" or "old"'),
    ("cursor=abc", "cursor", "is not a cursor of ours"),
    ("after=x", "after", "must be a whole number"),
    ("sttaus=old", "sttaus", "is not a parameter here: did you mean status?"),
    ("zzz=1", "zzz", "is not a parameter here: there are status, after, limit, cursor"),
    ("%00=1", '["\\u0000"]', "is not a parameter"),
]


@pytest.mark.parametrize(("query", "field", "words"), QUERIES, ids=[q[0][:30] for q in QUERIES])
def test_a_wrong_parameter_is_told(sample, query, field, words):
    told = fields(sample.call("GET", f"/things?{query}"))
    assert list(told) == [field]
    assert words in told[field]


def test_where_there_are_no_parameters_none_is_taken(sample):
    assert fields(sample.call("GET", "/things/a?x=1")) == {"x": "is not a parameter here: there are none"}


def test_parameters_and_fields_are_told_together(sample):
    told = fields(sample.call("POST", "/things?dry=1", {"name": 1, "source": {"type": "image", "image": "x"}}))
    assert set(told) == {"dry", "name"}


# If-Match.


@pytest.mark.parametrize(("sent", "got"), [('"3"', 3), ('W/"3"', 3), ('"0"', 0), ("*", None), (None, None)])
def test_a_version_reaches_the_view(sample, sent, got):
    headers = {"If-Match": sent} if sent else {}
    assert sample.call("DELETE", "/things/a", **headers).status_code == 204
    assert sample.calls == [got]


@pytest.mark.parametrize("sent", ["3", '"x"', "", '"3", "4"', '"-1"', '"03"', 'w/"3"', '"' + "9" * 40 + '"', "'3'"])
def test_a_malformed_version_is_refused(sample, sent):
    assert "ETag" in is_problem(sample.call("DELETE", "/things/a", **{"If-Match": sent}), 400)["detail"]
    assert sample.calls == []


def test_if_none_match_asks_for_none_yet(sample):
    assert sample.call("DELETE", "/things/a", **{"If-None-Match": " *"}).status_code == 204
    assert sample.calls == [0]


@pytest.mark.parametrize("sent", [{"If-None-Match": '"3"'}, {"If-None-Match": "*", "If-Match": '"3"'}])
def test_if_none_match_takes_a_star_alone(sample, sent):
    assert "takes *" in is_problem(sample.call("DELETE", "/things/a", **sent), 400)["detail"]
    assert sample.calls == []


def test_a_stale_version_is_412(sample):
    is_problem(sample.call("PATCH", "/things/a", {}, **{"If-Match": '"2"'}), 412)


# Threads.


def test_requests_side_by_side_do_not_see_each_other():
    bp = Blueprint(__name__)
    together = threading.Barrier(2, timeout=10)

    @http.route(bp, "GET", "/who/{name}", role="viewer", answers=Report)
    def who(request, name):
        together.wait()
        return Report(f"{name} {request.call.by}")

    app = Chalice("threads", configure_logs=False, env={})
    app.register_blueprint(bp)
    edges = http.Edges(lambda: Sample().now, lambda: SETTINGS, lambda _, token, now: TOKENS.get(token), Claims(), reach)
    http.install(app, edges)
    gateway = LocalGateway(app, Config())
    found = {}

    def ask(role):
        answer = gateway.handle_request("GET", f"/who/{role}", {"authorization": f"Bearer {role}"}, b"")
        found[role] = msgspec.json.decode(answer["body"])["id"]

    for _ in range(20):
        threads = [threading.Thread(target=ask, args=(role,)) for role in ("viewer", "admin")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == {"viewer": "viewer the-viewer", "admin": "admin the-admin"}


# Anything at all.

WORDS = st.text(max_size=12) | st.sampled_from(["a", "%00", "%", "name", "limit", "cursor", "1", '"3"', "admin"])
HEADERS = st.dictionaries(
    st.sampled_from(["if-match", "idempotency-key", "content-type", "authorization", "accept", "x"]), WORDS, max_size=3
)
PATHS = st.builds("/things{}?{}={}".format, st.just("") | WORDS.map("/{}".format), WORDS, WORDS)
RAW = st.binary(max_size=20) | JSON.map(lambda value: json.dumps(value).encode())


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]), PATHS, HEADERS, RAW)
def test_nothing_that_is_sent_makes_an_error_of_ours(method, path, headers, raw):
    sent = {"authorization": "Bearer admin", "content-type": "application/json", **headers}
    if not path.startswith("/things?"):
        # At a path that it does not know, Chalice's own test client fails for any other characters.
        sent["authorization"] = sent["authorization"].encode("ascii", "replace").decode()
    answer = Sample().client.http.request(method, path.encode("ascii", "replace").decode(), headers=sent, body=raw)
    assert answer.status_code < 500
    if answer.status_code >= 400 and answer.status_code != 403:
        assert answer.headers["Content-Type"] == PROBLEM
