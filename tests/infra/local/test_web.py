from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
import time
from pathlib import Path

import pytest
from chalice import Blueprint, Chalice, Response

from infra.local.answers import Request, json_answer
from infra.local.web import MAX_BODY, Server, gateway, listen

ROOT = Path(__file__).parents[3]


def small_app() -> Chalice:
    app = Chalice("small")
    things = Blueprint("things")
    app.api.binary_types = ["application/octet-stream", "image/png"]

    @things.route("/things/{thing}", methods=["GET", "PUT"])
    def thing(thing):
        request = things.current_request
        return {"thing": thing, "query": {k: request.query_params.getlist(k) for k in request.query_params or {}}}

    @app.route("/both", methods=["GET", "HEAD"])
    def both():
        return Response("body", headers={"Content-Type": "text/plain"})

    @app.route("/echo", methods=["POST"], content_types=["application/json", "application/octet-stream"])
    def echo():
        request = app.current_request
        return Response(request.raw_body, headers={"Content-Type": "application/octet-stream"})

    @app.route("/seen", methods=["GET"])
    def seen():
        return dict(app.current_request.headers)

    @app.route("/slow/{seconds}", methods=["GET"])
    def slow(seconds):
        before = app.current_request.uri_params["seconds"]
        time.sleep(float(seconds))
        return [before, app.current_request.uri_params["seconds"]]

    @app.route("/cookies", methods=["GET"])
    def cookies():
        return Response("ok", headers={"Set-Cookie": ["a=1", "b=2"], "Content-Type": "text/plain"})

    @app.route("/gone", methods=["DELETE"])
    def gone():
        return Response("", status_code=204)

    @app.route("/long/{length}", methods=["GET"])
    def long(length):
        return Response("a" * int(length), headers={"Content-Type": "text/plain"})

    @app.route("/same", methods=["GET"])
    def same():
        return Response("", status_code=304, headers={"ETag": '"1"'})

    @app.route("/broken", methods=["GET"])
    def broken():
        return Response({"a": object()})

    app.register_blueprint(things)
    return app


@pytest.fixture(scope="module")
def port():
    bound = listen(0)
    server = Server(gateway(small_app()), {"/_local/page": page}, bound)
    server.start()
    yield bound.getsockname()[1]
    server.stop()


def page(request: Request):
    return json_answer(200, {"page": request.target, "method": request.method})


def call(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def is_problem(answer, status):
    assert answer[0] == status
    assert answer[1]["Content-Type"] == "application/problem+json"
    problem = json.loads(answer[2])
    assert problem["status"] == status
    assert problem["type"]
    assert problem["title"]
    assert problem["detail"]
    return problem


def test_a_view_gets_its_path_parameters_and_every_value_of_a_repeated_query_key(port):
    status, headers, body = call(port, "GET", "/things/test-job?a=1&b=%C3%A9+x&a=2&empty=")
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"thing": "test-job", "query": {"a": ["1", "2"], "b": ["é x"], "empty": [""]}}


@pytest.mark.parametrize("sent", ["a%2Fb", "a%20b", "%C3%A9", "a%3Fb", "a%23b", "a%25b", "%2e%2e"])
def test_a_percent_encoded_path_segment_stays_one_segment_as_it_was_sent(port, sent):
    assert json.loads(call(port, "GET", f"/things/{sent}")[2])["thing"] == sent


def test_a_semicolon_in_a_path_is_part_of_its_segment(port):
    assert json.loads(call(port, "GET", "/things/a;b")[2])["thing"] == "a%3Bb"


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5", "gzip, deflate, br"])
def test_what_is_long_is_compressed_from_where_the_gateway_would(port, accepted):
    configured = json.loads((ROOT / ".chalice" / "config.json").read_text())["minimum_compression_size"]
    status, headers, body = call(port, "GET", f"/long/{configured}", headers={"Accept-Encoding": accepted})
    assert (status, headers["Content-Encoding"], headers["Content-Length"]) == (200, "gzip", str(len(body)))
    assert gzip.decompress(body) == b"a" * configured
    _, headers, body = call(port, "GET", f"/long/{configured - 1}", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in headers
    assert body == b"a" * (configured - 1)


@pytest.mark.parametrize("accepted", [None, "identity", "br", "gzip;q=0", "gzip; q=0"])
def test_who_takes_no_compression_gets_none(port, accepted):
    _, headers, body = call(port, "GET", "/long/5000", headers={"Accept-Encoding": accepted} if accepted else {})
    assert "Content-Encoding" not in headers
    assert body == b"a" * 5000


@pytest.mark.parametrize("path", ["/nowhere", "/things", "/things/a/b", "//things/a", "/things//", "/_local/other"])
def test_an_unknown_path_is_a_404_problem(port, path):
    is_problem(call(port, "GET", path), 404)


@pytest.mark.parametrize("token", [None, "Bearer ünknown".encode("latin-1")])
def test_an_unknown_path_is_a_404_problem_with_or_without_a_token(port, token):
    is_problem(call(port, "GET", "/nowhere", headers={"Authorization": token} if token else {}), 404)


@pytest.mark.parametrize("method", ["DELETE", "POST", "HEAD", "OPTIONS", "TRACE", "NONSENSE"])
def test_a_wrong_method_is_a_405_problem_saying_what_is_allowed(port, method):
    status, headers, body = call(port, method, "/things/a")
    assert status == 405
    assert headers["Allow"] == "GET, PUT"
    if method != "HEAD":
        is_problem((status, headers, body), 405)


@pytest.mark.parametrize(("path", "status"), [("/both", 200), ("/things/a", 405), ("/nowhere", 404)])
def test_nothing_follows_the_headers_of_an_answer_to_head(port, path, status):
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode())
        head, _, rest = raw.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert rest == b""
    assert b"\r\nTransfer-Encoding:" not in head


def test_a_body_over_six_megabytes_is_a_413_problem_and_one_of_six_passes(port):
    binary = {"Content-Type": "application/octet-stream", "Accept": "application/octet-stream"}
    is_problem(call(port, "POST", "/echo", b"x" * (MAX_BODY + 1), binary), 413)
    assert len(call(port, "POST", "/echo", b"x" * MAX_BODY, binary)[2]) == MAX_BODY


def test_a_chunked_body_over_six_megabytes_is_a_413_problem(port):
    chunks = (b"x" * 1024 * 1024 for _ in range(7))
    is_problem(call(port, "POST", "/echo", chunks, {"Content-Type": "application/octet-stream"}), 413)


def test_binary_bodies_pass_unchanged_both_ways(port):
    everything = bytes(range(256)) * 40
    binary = {"Content-Type": "application/octet-stream", "Accept": "application/octet-stream"}
    status, headers, body = call(port, "POST", "/echo", everything, binary)
    assert (status, body) == (200, everything)
    assert headers["Content-Type"] == "application/octet-stream"


def test_repeated_request_headers_are_joined_and_repeated_answer_headers_stay_apart(port):
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"GET /seen HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nX-A: 2\r\nAccept: */*\r\nConnection: close\r\n\r\n")
        answer = raw.makefile("rb").read()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["x-a"] == "1, 2"
    assert call(port, "GET", "/cookies")[1].get_all("Set-Cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize(("method", "path", "status"), [("DELETE", "/gone", 204), ("GET", "/same", 304)])
def test_an_answer_without_a_body_has_none(port, method, path, status):
    answered, headers, body = call(port, method, path)
    assert (answered, body) == (status, b"")
    assert "Content-Length" not in headers


def test_threads_do_not_see_each_others_requests(port):
    seen = {}

    def get(seconds):
        seen[seconds] = json.loads(call(port, "GET", f"/slow/{seconds}")[2])

    threads = [threading.Thread(target=get, args=(f"0.0{n}",)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {f"0.0{n}": [f"0.0{n}"] * 2 for n in range(1, 9)}


def test_an_answer_that_cannot_be_written_is_a_500_without_its_traceback(port):
    status, _, body = call(port, "GET", "/broken")
    assert status == 500
    assert b"Traceback" not in body


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nNo colon\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000 + b"\r\n\r\n", 431),
    ],
)
def test_what_is_not_http_is_refused_as_a_problem_too(port, sent, status):
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(sent)
        response = http.client.HTTPResponse(raw)
        response.begin()
        is_problem((response.status, response.headers, response.read()), status)
        response.close()


def test_a_page_of_its_own_is_served_at_its_exact_path(port):
    assert json.loads(call(port, "PATCH", "/_local/page?x=1")[2]) == {"page": "/_local/page?x=1", "method": "PATCH"}


def asked_again_and_again(connection, kept):
    """The seconds of each of 40 requests."""
    took = []
    for _ in range(40):
        started = time.perf_counter()
        connection.request("PUT", "/things/a", b"{}", {"Content-Type": "application/json"})
        connection.getresponse().read()
        took.append(time.perf_counter() - started)
        if not kept:
            connection.close()
    connection.close()
    return sorted(took)


def test_a_kept_alive_connection_is_answered_without_delayed_acknowledgements(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    anew, kept = asked_again_and_again(connection, False), asked_again_and_again(connection, True)
    # A delayed acknowledgement takes 40 ms of each request but a connection's first, ten times as long as one.
    assert kept[10] < 3 * anew[10]


def test_a_port_in_use_is_an_os_error(port):
    with pytest.raises(OSError, match="in use"):
        listen(port)
