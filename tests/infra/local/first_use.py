"""A process whose threads all use the product's types for the first time at once: `python -m` this; exit code 0."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

import msgspec

from infra.local import decoders

THREADS = 16


def main():
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ.setdefault(name, "us-east-1")
    import app

    assert app.app
    if "unprepared" not in sys.argv:
        assert decoders.create_all() > 50
    types, gate = sorted(set(decoders._structs(msgspec.Struct)), key=repr), threading.Barrier(THREADS)

    def use():
        gate.wait()
        for struct in types:
            with contextlib.suppress(msgspec.ValidationError):
                msgspec.json.decode(b"{}", type=struct)

    threads = [threading.Thread(target=use) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    sys.setswitchinterval(1e-6)
    main()
