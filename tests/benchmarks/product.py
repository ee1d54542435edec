"""The whole product in this process, with every AWS call counted."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import botocore.client

from infra.local import process
from infra.local.options import Options
from infra.local.web import listen


class Product:
    """The API under a URL, and what it asks of AWS."""

    def __init__(self, url: str, token: str, folder: Path) -> None:
        self.url, self.token, self.folder = url, token, folder
        self.calls: Counter[str] = Counter()
        self.calls_of_functions = 0
        self._counting = threading.Lock()
        self._watch()

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON; raises for anything but 2xx."""
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.loads(answer.read() or b"null")

    def repository(self) -> str:
        """The URL of a repository with one commit."""
        folder = self.folder / "repository"
        if not folder.exists():
            folder.mkdir()
            commit = "-c user.name=bench -c user.email=bench@localhost commit -q --allow-empty -m one"
            for command in ("init -q -b main", commit):
                subprocess.run(["git", *command.split()], cwd=folder, check=True)
        return folder.as_uri()

    def _watch(self) -> None:
        original = botocore.client.BaseClient._make_api_call

        def counted(client: Any, operation: str, parameters: Any) -> Any:
            with self._counting:
                self.calls[f"{client.meta.service_model.service_name}:{operation}"] += 1
                # The API runs in the web server's threads; everything else is a step or an event.
                self.calls_of_functions += not threading.current_thread().name.startswith("waitress")
            return original(client, operation, parameters)

        botocore.client.BaseClient._make_api_call = counted


def measure(main: Callable[[Product], None]) -> NoReturn:
    """Run a benchmark beside a product of its own, and end the process."""
    with running() as product:
        main(product)
    sys.stdout.flush()
    # Threads of the emulator would keep the process.
    os._exit(0)


@contextmanager
def running() -> Iterator[Product]:
    """Start the product on a state directory of its own, and stop it again."""
    with ExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        bound: socket.socket = undo.enter_context(listen(0))
        token = process.start(Options(0, folder / "state", False, "real"), bound, undo)
        yield Product(f"http://127.0.0.1:{bound.getsockname()[1]}", token, folder)
