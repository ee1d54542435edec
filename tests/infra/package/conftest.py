"""One package for all tests of it."""

from __future__ import annotations

import json
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from dulwich import porcelain
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

from tests.certificates import authority, serving
from tests.infra.package import emulator as emulators
from tests.infra.package import tools
from tests.infra.package.made import ROOT, copy_tree, make_package


@pytest.fixture(scope="session")
def packaged(tmp_path_factory):
    """The package of the stage dev."""
    return make_package(copy_tree(tmp_path_factory.mktemp("clone")), "dev")[0]


@pytest.fixture(scope="session")
def transformed(packaged):
    return packaged.transformed()


@pytest.fixture(scope="session")
def policies():
    """Each function's policy file."""
    return {path.stem: json.loads(path.read_text()) for path in (ROOT / ".chalice" / "policies").glob("*.json")}


@pytest.fixture(scope="session")
def emulator(absent, tmp_path_factory, packaged, transformed):
    """A second emulator with rights enforced and the packaged stack in it."""
    program = tools.program("ministack", absent)
    with emulators.started(program, tmp_path_factory.mktemp("ministack")) as running:
        emulators.deploy(running, packaged.zip_path, transformed)
        yield running


class _Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        """Requests are no news."""


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The URL of a repository with one commit on main, that commit, and the certificate to trust."""
    folder = tmp_path_factory.mktemp("served")
    with porcelain.init(folder) as repository:
        repository.refs.set_symbolic_ref(b"HEAD", b"refs/heads/main")
        ada = b"Ada <ada@example.org>"
        commit = porcelain.commit(repository, message=b"one", author=ada, committer=ada).decode()
    with Repo(str(folder)) as opened:
        application = make_wsgi_chain(DictBackend({"/": opened}))
        server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
        certificate, context = authority(tmp_path_factory.mktemp("certified"))
        with serving(server, context) as port:
            yield f"https://127.0.0.1:{port}/", commit, certificate
