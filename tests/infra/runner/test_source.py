from __future__ import annotations

import contextlib
import http.server
import os
import shutil
import subprocess
import threading
from base64 import b64decode
from pathlib import Path

import pytest

from infra.runner.source import CannotStart, fetch
from tests.certificates import authority, serving
from tests.infra.conftest import command

TOKEN = "a-token-of-ours"


@pytest.fixture(autouse=True)
def laptop(monkeypatch):
    """Only there git may read folders and speak http."""
    monkeypatch.setenv("KINTO_JOB_PATH", os.environ["PATH"])


def started(bench, repository, text="pwd; ls", **more):
    return bench.run(command(text, repository=repository, **more))


def refused(bench, repository):
    result = started(bench, repository, "echo never")
    assert (result.outcome, result.exports["KINTO_STAGE"]) == ("start_failed", "source"), result
    assert result.build["buildStatus"] == "SUCCEEDED"
    assert "never" not in result.lines
    return result.reason


def test_exactly_the_commit_is_fetched(bench, repository):
    first = repository.commit({"version": "1\n"})
    repository.commit({"version": "2\n"})
    result = started(bench, repository.at(first), "cat version; git rev-parse HEAD; git log --oneline | wc -l")
    assert result.outcome == "succeeded", result
    assert result.lines == ["1", first, "1"]


def test_a_commit_that_no_branch_holds_any_more_is_fetched(bench, repository):
    lost = repository.commit({"version": "1\n"})
    repository.git("commit", "--quiet", "--amend", "--message", "another")
    assert started(bench, repository.at(lost), "cat version").lines == ["1"]


def test_a_server_that_hands_out_only_branches_is_asked_for_them(tmp_path, repository, monkeypatch):
    first = repository.commit({"version": "1\n"})
    repository.commit({"version": "2\n"})
    monkeypatch.setenv("GIT_PROTOCOL", "version=0")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.version")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "0")
    folder = fetch(repository.at(first), None, tmp_path / "checkout", print)
    assert (folder / "version").read_text() == "1\n"


def test_the_command_works_in_the_source_folder(bench, repository):
    commit = repository.commit({"jobs/backup/file": "x", "other": "y"})
    assert started(bench, repository.at(commit, "jobs/backup"), "ls").lines == ["file"]
    assert started(bench, repository.at(commit, "/jobs/"), "ls").lines == ["backup"]


def test_a_repository_that_is_not_there(bench, tmp_path):
    where = {"url": f"file://{tmp_path}/nothing", "commit": "a" * 40, "folder": ""}
    assert "There is no repository at file://" in refused(bench, where)


def test_a_commit_that_is_not_there(bench, repository):
    repository.commit({"a": "b"})
    reason = refused(bench, repository.at("a" * 40))
    assert "has no commit aaaa" in reason


def test_a_host_that_is_not_there(bench):
    where = {"url": "http://127.0.0.1:1/x.git", "commit": "a" * 40, "folder": ""}
    assert "could not be reached" in refused(bench, where)


def test_a_folder_that_is_not_there(bench, repository):
    commit = repository.commit({"file": "x"})
    assert "'jobs' does not exist" in refused(bench, repository.at(commit, "jobs"))
    assert "'file' is not a folder" in refused(bench, repository.at(commit, "file"))


@pytest.mark.parametrize("folder", ["..", "a/../../..", "out"])
def test_a_folder_that_leads_out_of_the_repository(bench, repository, folder):
    (repository.folder / "out").symlink_to("/etc")
    (repository.folder / "a").mkdir()
    commit = repository.commit({"a/b": "c"})
    assert "leads out of the repository" in refused(bench, repository.at(commit, folder))


@pytest.mark.parametrize("url", ["--upload-pack=touch /tmp/x", "ext::sh -c true", "/etc", "ssh://host/x", "", "-"])
def test_an_address_that_git_would_take_for_something_else_is_refused(bench, url):
    where = {"url": url, "commit": "a" * 40, "folder": ""}
    assert "none that can be fetched" in refused(bench, where)


@pytest.mark.parametrize("commit", ["main", "--all", "A" * 40, "abc123", "a" * 41, "a" * 40 + "\n"])
def test_what_is_no_commit_id_is_refused(bench, repository, commit):
    assert "not a full commit id" in refused(bench, {**repository.at(commit)})


def test_hooks_of_nobody_run(bench, repository, tmp_path, monkeypatch):
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text("#!/bin/sh\necho hooked\n")
    (hooks / "post-checkout").chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(f"[init]\ntemplateDir = {hooks.parent}\n[core]\nhooksPath = {hooks}\n")
    commit = repository.commit({"a": "b"})
    assert started(bench, repository.at(commit), "echo on; ls .git/hooks 2>&1 | grep -c post").lines == ["on", "0"]


@pytest.fixture
def private_server(repository):
    """A repository over http that asks for a name and a password; what it was given."""
    seen = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(repository.folder / ".git"))

        def do_GET(self):
            given = self.headers.get("Authorization", "").removeprefix("Basic ")
            seen.append(b64decode(given).decode() if given else "")
            if seen[-1].partition(":")[2] != TOKEN:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.end_headers()
                return
            super().do_GET()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.seen = seen
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def published(repository):
    commit = repository.commit({"version": "1\n"})
    repository.git("update-server-info")
    return commit


def test_a_token_opens_a_private_repository_and_is_gone_when_the_job_starts(bench, repository, private_server):
    where = repository.at(published(repository))
    where["url"] = f"http://127.0.0.1:{private_server.server_port}"
    look = "cat version; grep -rl a-token .git | wc -l; find .. -name '*token*' -o -name '*askpass*' | wc -l; env"
    spec = command(look, repository=where)
    result = bench.run(spec, bench.seal(spec["run_id"], token=TOKEN))
    assert result.outcome == "succeeded", result
    assert result.lines[:3] == ["1", "0", "0"]
    assert f"x-access-token:{TOKEN}" in private_server.seen
    assert not any(TOKEN in line or "***" in line for line in result.lines)


def test_a_private_repository_without_a_token_or_with_a_wrong_one(bench, repository, private_server):
    where = repository.at(published(repository))
    where["url"] = f"http://127.0.0.1:{private_server.server_port}"
    assert "give it a token" in refused(bench, where)
    spec = command("echo never", repository=where)
    result = bench.run(spec, bench.seal(spec["run_id"], token="wrong-token"))
    assert result.outcome == "start_failed"
    assert "does its token still allow reading?" in result.reason
    assert "wrong-token" not in result.reason + str(result.lines)


def test_the_token_is_in_no_command_line(tmp_path, repository, private_server, monkeypatch):
    where = repository.at(published(repository))
    where["url"] = f"http://127.0.0.1:{private_server.server_port}"
    calls = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda argv, **more: calls.append(argv) or run(argv, **more))
    fetch(where, TOKEN, tmp_path / "checkout", print)
    assert calls
    assert not any(TOKEN in word for argv in calls for word in argv)
    assert not list(tmp_path.glob("checkout.*"))
    assert TOKEN not in (tmp_path / "checkout/.git/config").read_text()


def test_a_wrong_token_leaves_nothing_on_the_disk(tmp_path, repository, private_server):
    where = repository.at(published(repository))
    where["url"] = f"http://127.0.0.1:{private_server.server_port}"
    with pytest.raises(CannotStart):
        fetch(where, "wrong-token", tmp_path / "checkout", print)
    assert not list(Path(tmp_path).glob("checkout.*"))


def test_in_the_cloud_git_speaks_https_alone(tmp_path, repository, private_server, monkeypatch):
    monkeypatch.delenv("KINTO_JOB_PATH")
    where = repository.at(published(repository))
    for number, url in enumerate((where["url"], f"http://127.0.0.1:{private_server.server_port}")):
        with pytest.raises(CannotStart, match="none that can be fetched"):
            fetch({**where, "url": url}, TOKEN, tmp_path / f"checkout{number}", print)
    assert private_server.seen == []


def test_a_redirect_to_another_protocol_is_not_followed(tmp_path, repository, monkeypatch, certified):
    """Nor does a server send git to a folder of the machine."""
    where = repository.at(published(repository))
    for number, to in enumerate((where["url"], "http://127.0.0.1:9/x", "ext::sh -c true", "ssh://127.0.0.1/x")):
        with redirecting(to, certified) as url:
            monkeypatch.delenv("KINTO_JOB_PATH", raising=False)
            with pytest.raises(CannotStart, match="could not be"):
                fetch({**where, "url": url}, None, tmp_path / f"checkout{number}", print)


def test_a_token_does_not_go_to_the_host_that_a_server_redirects_to(tmp_path, repository, private_server, certified):
    where = repository.at(published(repository))
    to = f"http://127.0.0.1:{private_server.server_port}"
    with redirecting(to, certified) as url, pytest.raises(CannotStart, match="did not let us in"):
        fetch({**where, "url": url}, TOKEN, tmp_path / "checkout", print)
    assert private_server.seen
    assert not any(TOKEN in given for given in private_server.seen)


@pytest.fixture
def certified(tmp_path, monkeypatch):
    certificate, context = authority(tmp_path)
    monkeypatch.setenv("GIT_SSL_CAINFO", str(certificate))
    return context


@contextlib.contextmanager
def redirecting(to, context):
    """The URL of a server that sends everybody on."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", f"{to}/{self.path.partition('/x/')[2]}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler), context) as port:
        yield f"https://127.0.0.1:{port}/x"


def test_nothing_that_a_repository_holds_is_run_by_fetching_it(tmp_path, repository, monkeypatch):
    """Hooks, a file system monitor, filters, submodules: of a checkout they are files."""
    mark = tmp_path / "ran"
    program = f"#!/bin/sh\ntouch {mark}\n".encode()
    config = f'[core]\n\tfsmonitor = "touch {mark}"\n\thooksPath = hooks\n[filter "x"]\n\tsmudge = touch {mark}\n'
    inner = {"bare/HEAD": "ref: refs/heads/main\n", "bare/config": config, "bare/objects/.x": "", "bare/refs/.x": ""}
    repository.commit(
        {
            **{f"hooks/{name}": program for name in ("post-checkout", "post-merge", "reference-transaction")},
            ".gitattributes": "* filter=x diff=x merge=x\n",
            ".gitconfig": config,
            ".gitmodules": f'[submodule "s"]\n\tpath = s\n\turl = ext::touch {mark}\n\tupdate = !touch {mark}\n',
            **inner,
        }
    )
    folder = fetch(repository.at(repository.commits[-1], "bare"), None, tmp_path / "checkout", print)
    assert (folder / "config").exists()
    assert not mark.exists()


def test_git_asks_nobody(tmp_path, repository, private_server, monkeypatch):
    """No terminal, no helper of the machine's owner, no window."""
    mark = tmp_path / "asked"
    helper = f"!touch {mark}; echo password={TOKEN}; echo username=x"
    (tmp_path / ".gitconfig").write_text(f'[credential]\n\thelper = "{helper}"\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("SSH_ASKPASS", "/bin/echo")
    where = repository.at(published(repository))
    where["url"] = f"http://127.0.0.1:{private_server.server_port}"
    with pytest.raises(CannotStart, match="did not let us in"):
        fetch(where, None, tmp_path / "checkout", print)
    assert not mark.exists()


@pytest.fixture(params=["as it is", "in other words"])
def any_git(request, tmp_path, monkeypatch):
    """The machine's git, and one that words all its messages differently, as another version does."""
    if request.param == "in other words":
        program = tmp_path / "programs" / "git"
        program.parent.mkdir()
        program.write_text(
            f"#!/bin/sh\n{shutil.which('git')} \"$@\" 2>/dev/null && exit\ncode=$?\necho fatal: hm >&2\nexit $code\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def reason(repository, into, token=None):
    with pytest.raises(CannotStart) as caught:
        fetch(repository, token, into, lambda _: None)
    assert not list(into.parent.glob(f"{into.name}.*"))
    return str(caught.value)


@contextlib.contextmanager
def answering(status):
    """The URL of a server that answers everything with a status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("WWW-Authenticate", 'Basic realm="HTTP/1.1 200"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}/x.git"


@pytest.mark.usefixtures("any_git")
class TestReasonsDependOnNoWordingOfGit:
    def test_commit_is_missing(self, tmp_path, repository):
        repository.commit({"a": "b"})
        assert "has no commit aaaa" in reason(repository.at("a" * 40), tmp_path / "checkout")

    def test_id_is_that_of_a_file(self, tmp_path, repository):
        repository.commit({"a": "b"})
        blob = repository.git("rev-parse", "HEAD:a")
        assert f"has no commit {blob}" in reason(repository.at(blob), tmp_path / "checkout")

    def test_server_hands_out_only_branches(self, tmp_path, repository, private_server):
        first = published(repository)
        repository.commit({"version": "2\n"})
        repository.git("update-server-info")
        where = {**repository.at(first), "url": f"http://127.0.0.1:{private_server.server_port}"}
        folder = fetch(where, TOKEN, tmp_path / "checkout", print)
        assert (folder / "version").read_text() == "1\n"

    def test_folder_is_missing_or_no_repository(self, tmp_path):
        for name in ("nothing", "programs"):
            (tmp_path / "programs").mkdir(exist_ok=True)
            where = {"url": f"file://{tmp_path}/{name}", "commit": "a" * 40}
            assert reason(where, tmp_path / f"checkout-{name}") == f"There is no repository at {where['url']}."

    def test_repository_is_broken(self, tmp_path, repository):
        commit = repository.commit({"a": "b"})
        shutil.rmtree(repository.folder / ".git" / "objects")
        (repository.folder / ".git" / "objects").mkdir()
        assert "could not be fetched: " in reason(repository.at(commit), tmp_path / "checkout")

    @pytest.mark.parametrize(
        ("status", "without", "with_token"),
        [
            (401, "did not let us in: if it is private, give it a token.", "did not let us in: does its token still"),
            (403, "did not let us in: if it is private, give it a token.", "did not let us in: does its token still"),
            (404, ". If it is private, give it a token.", "There is no repository at http"),
            (503, "could not be fetched (its server responds with status 503): ", "status 503"),
        ],
    )
    def test_server_refuses(self, tmp_path, status, without, with_token):
        with answering(status) as url:
            where = {"url": url, "commit": "a" * 40}
            assert without in reason(where, tmp_path / "one")
            assert with_token in reason(where, tmp_path / "two", "secret-token")

    def test_nothing_listens(self, tmp_path):
        where = {"url": "http://127.0.0.1:1/x.git", "commit": "a" * 40}
        assert "could not be reached: " in reason(where, tmp_path / "checkout")
