"""`python -m infra.local`: KintoBlocks on this machine, until Ctrl-C."""

from __future__ import annotations

import http.client
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from types import FrameType

from infra.local import options, state
from infra.local.web import listen

log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Runs until Ctrl-C or SIGTERM; the exit code."""
    chosen = options.parse(arguments)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, _interrupt)
    undo = ExitStack()
    code = _outcome(chosen, undo)
    # Ctrl-C once more ends it at once; nothing is lost by that either.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    undo.close()
    return code


def _outcome(chosen: options.Options, undo: ExitStack) -> int:
    try:
        undo.enter_context(state.claim(chosen.state_dir))
        bound = undo.enter_context(_listen(chosen.port))
        _run(chosen, bound, undo)
    except state.Unusable as unusable:
        print(unusable, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopping.")
    except Exception as error:
        log.exception("KintoBlocks could not start: %s", error)
        return 1
    return 0


def _run(chosen: options.Options, bound: socket.socket, undo: ExitStack) -> None:
    state.log_into(chosen.state_dir)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    say(f"Starting KintoBlocks; its state lies in {chosen.state_dir}/")
    from infra.local import process  # imports the emulator: seconds, and what it lacks is told as any failure

    token = process.start(chosen, bound, undo)
    port = bound.getsockname()[1]
    _wait_for_health(port)
    state.write_private(chosen.state_dir / "port", f"{port}\n")
    # A person gets a link that signs in; a file into which this goes gets no secret.
    say(f"  console  {url}/{f'#token={token}' if sys.stdout.isatty() else ''}")
    say(f"  API      {url}, token in {chosen.state_dir / 'admin-token'}")
    say("ready; Ctrl-C stops it, and the next start goes on from there")
    if chosen.demo:
        process.show_demo(url, token, chosen.state_dir, say)
    threading.Event().wait()


def say(line: str) -> None:
    """A line for the person at the terminal."""
    print(line, flush=True)


def _listen(port: int) -> socket.socket:
    try:
        return listen(port)
    except OSError as error:
        raise state.Unusable(
            f'Port {port} cannot be used: {error.strerror}. Choose another: make up ARGS="--port 8123"'
        ) from error


def _wait_for_health(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/health")
    connection.getresponse().read()
    connection.close()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # Threads of executions in flight would keep the process; their end is settled at the next start.
    os._exit(code)
