"""Refs become commits without a git binary; repositories here are made with dulwich too."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from dulwich import porcelain
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

from chalicelib.domain.configured_blocks import Ref
from chalicelib.sources import git, network
from chalicelib.sources.git import Unresolved
from tests.certificates import serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ADA = b"Ada <ada@example.org>"
HERE = network.parse("127.0.0.1", folders=True)


class Made:
    """Two commits on main, the first tagged twice, the second on release/1.2 too."""

    def __init__(self, folder: Path):
        folder.mkdir()
        self.url = f"file://{folder}"
        self.repo = porcelain.init(folder)
        self.repo.refs.set_symbolic_ref(b"HEAD", b"refs/heads/main")
        self.first = self.commit("one")
        porcelain.tag_create(self.repo, b"light", objectish=self.first.encode())
        told = {"author": ADA, "message": b"one", "annotated": True}
        porcelain.tag_create(self.repo, b"v1", objectish=self.first.encode(), **told)
        self.second = self.commit("two")
        porcelain.branch_create(self.repo, "release/1.2")

    def commit(self, text):
        folder = Path(self.repo.path)
        (folder / "file").write_text(text)
        porcelain.add(self.repo, [folder / "file"])
        return porcelain.commit(self.repo, message=text.encode(), author=ADA, committer=ADA).decode()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    made = Made(tmp_path_factory.mktemp("git") / "re po")
    yield made
    made.repo.close()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        """Requests are no news."""


@pytest.fixture(scope="module")
def served(made, tls):
    """The same repository over HTTPS, and how often it was asked."""
    asked = []
    chain = make_wsgi_chain(DictBackend({"/shop": Repo(made.repo.path)}))

    def application(environ, start_response):
        asked.append(environ["PATH_INFO"])
        if environ["PATH_INFO"].startswith("/private/"):
            if environ.get("HTTP_AUTHORIZATION") != f"Basic {b64encode(b'x-access-token:s3cret').decode()}":
                start_response("401 Unauthorized", [("WWW-Authenticate", "Basic")])
                return []
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/private")
        return chain(environ, start_response)

    server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
    with serving(server, tls) as port:
        yield f"https://127.0.0.1:{port}/shop", asked


def url_of(made):
    return made.url.replace(" ", "%20")


@pytest.mark.parametrize(
    ("ref", "commit"),
    [
        (Ref(branch="main"), "second"),
        (Ref(branch="release/1.2"), "second"),
        (Ref(tag="light"), "first"),
        (Ref(tag="v1"), "first"),
    ],
)
def test_a_ref_is_the_commit_it_stands_for(made, served, ref, commit):
    assert git.resolve(url_of(made), ref, HERE) == getattr(made, commit)
    assert git.resolve(served[0], ref, HERE) == getattr(made, commit)


def test_a_commit_is_itself_and_nobody_is_asked():
    assert git.resolve("https://nowhere.invalid/x", Ref(commit=COMMIT), HERE) == COMMIT


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        (Ref(branch="none"), "there is no branch none in"),
        (Ref(tag="none"), "there is no tag none in"),
        (Ref(branch="v1"), "there is no branch v1 in"),
        (Ref(tag="main"), "there is no tag main in"),
        (Ref(branch="release"), "there is no branch release in"),
    ],
)
def test_a_ref_that_is_not_there_is_told_by_its_name(made, served, ref, told):
    for url in (url_of(made), served[0]):
        with pytest.raises(Unresolved) as caught:
            git.resolve(url, ref, HERE)
        assert str(caught.value) == f"{told} {url}"


@pytest.mark.parametrize("path", ["none", "empty", "file"])
def test_a_folder_that_is_no_repository_cannot_be_read(tmp_path, path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    url = f"file://{tmp_path}/{path}"
    with pytest.raises(Unresolved, match="can't be read: "):
        git.resolve(url, Ref(branch="main"), HERE)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "https://127.0.0.1:1/x"])
def test_a_server_that_is_not_there_is_said_to_be_so(url):
    with pytest.raises(Unresolved, match="can't be read: ") as caught:
        git.resolve(url, Ref(branch="main"), HERE)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_a_path_that_the_server_does_not_know_cannot_be_read(served):
    url = served[0].replace("/shop", "/none")
    with pytest.raises(Unresolved, match="can't be read: "):
        git.resolve(url, Ref(branch="main"), HERE)


def test_each_repository_is_asked_once_for_all_refs_of_it(made, served):
    url, asked = served
    asked.clear()
    wanted = [(url, Ref(branch="main")), (url, Ref(tag="v1")), (url, Ref(branch="main")), (url, Ref(commit=COMMIT))]
    found = git.resolve_all(wanted, HERE)
    assert found == {wanted[0]: made.second, wanted[1]: made.first, wanted[3]: COMMIT}
    assert asked.count("/shop/info/refs") == 1


def test_one_that_cannot_be_read_does_not_stop_the_others(made):
    good, bad = (url_of(made), Ref(branch="main")), ("file:///none", Ref(branch="main"))
    found = git.resolve_all([bad, good], HERE)
    assert found[good] == made.second
    assert isinstance(found[bad], Unresolved)


def test_nothing_wanted_is_nothing_found():
    assert git.resolve_all([], HERE) == {}


def test_a_branch_that_moves_is_another_commit(tmp_path):
    made = Made(tmp_path / "moving")
    before = git.resolve(made.url, Ref(branch="main"), HERE)
    third = made.commit("three")
    assert (before, git.resolve(made.url, Ref(branch="main"), HERE)) == (made.second, third)
    assert git.resolve(made.url, Ref(branch="release/1.2"), HERE) == made.second
    made.repo.close()


def test_a_token_lets_us_into_a_private_repository(made, served):
    private = served[0].replace("/shop", "/private/shop")
    assert git.resolve(private, Ref(branch="main"), HERE, "s3cret") == made.second


@pytest.mark.parametrize(
    ("token", "told"),
    [(None, "it is private; give the block a token"), ("wrong", "the token that is kept for it is refused")],
)
def test_a_private_repository_that_does_not_let_us_in_says_what_to_do(served, token, told):
    private = served[0].replace("/shop", "/private/shop")
    with pytest.raises(Unresolved, match=told):
        git.resolve(private, Ref(branch="main"), HERE, token)
