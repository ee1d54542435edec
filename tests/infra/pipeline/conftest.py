"""The pipeline's script as a CI runs it, and a connection to the stack that a test can spoil."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "infra" / "pipeline" / "kinto_pipeline.py"
NOT_OURS = ("GITHUB_", "CI_", "KINTO_", "BUILD", "CODEBUILD_", "CIRCLE_", "BITBUCKET_")


class Pipeline:
    """One file and the script; `run` answers with exit code, output and errors."""

    def __init__(self, stack, folder):
        self.stack, self.folder = stack, folder
        self.name = f"p-{uuid.uuid4().hex[:8]}"
        self.path = f"/projects/{self.name}/environments/prod"
        self.told = {
            "project": {"internal_name": self.name, "name": "Shop"},
            "environment": {"internal_name": "prod", "name": "Production"},
            "blocks": {},
            "configured_blocks": {},
        }
        self.repository = folder / "repository"
        git = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org", "-C", str(self.repository))
        self.repository.mkdir()
        for arguments in (("init", "-q", "-b", "main"), ("commit", "-q", "--allow-empty", "-m", "a commit")):
            subprocess.run([*git, *arguments], check=True, capture_output=True)

    def job(self, hostname, command, flavor="job", **configuration):
        """A command block of the project's own under a hostname."""
        block = f"{hostname}-{self.name}"
        source = {"type": "command", "command": command}
        repository = {"url": self.repository.as_uri()}
        self.told["blocks"][block] = {"flavor": flavor, "repository": repository, "source": source}
        self.told["configured_blocks"][hostname] = {"block": block, **configuration}

    def run(self, *options, python=sys.executable, url=None, **environment):
        """Exit code, output and errors."""
        file = self.folder / "shop.json"
        file.write_text(json.dumps(self.told))
        clean = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
        where = {"KINTO_URL": url or self.stack.url, "KINTO_TOKEN": self.stack.token}
        done = subprocess.run(
            [python, str(SCRIPT), str(file), *options],
            env={**clean, **where, **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def get(self, path):
        status, _, answer = self.stack.request("GET", path)
        assert status == 200, answer
        return answer

    def deployments(self):
        return self.get(f"{self.path}/deployments")["items"]


@pytest.fixture
def pipeline(stack, tmp_path):
    return Pipeline(stack, tmp_path)


class Spoiled:
    """Stands between script and stack; `spoil(method, path)` says what becomes of a request.

    None: it goes through; a number: it is answered with that status; "lost": it goes through, its answer does not.
    """

    def __init__(self, stack):
        self.spoil = lambda method, path: None
        self.seen = []
        spoiled = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                spoiled.seen.append((self.command, self.path, dict(self.headers)))
                fate = spoiled.spoil(self.command, self.path)
                if isinstance(fate, int):
                    return self.give(fate, {"Location": stack.url, "Retry-After": "1"}, b'{"detail": "spoiled"}')
                with contextlib.closing(http.client.HTTPConnection(stack.url.removeprefix("http://"))) as to:
                    to.request(self.command, self.path, body, dict(self.headers))
                    got = to.getresponse()
                    content = got.read()
                if fate == "lost":
                    self.close_connection = True
                    return None
                kept = {name: value for name, value in got.getheaders() if name.startswith(("Content-T", "Idem"))}
                return self.give(got.status, kept, content)

            def give(self, status, headers, content):
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the names that the base class calls

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def once(self, fate, method, ending):
        """The first request of this kind meets `fate`."""
        left = [fate]

        def spoil(asked, path):
            return left.pop() if left and asked == method and path.endswith(ending) else None

        self.spoil = spoil

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def spoiled(stack):
    between = Spoiled(stack)
    yield between
    between.close()
