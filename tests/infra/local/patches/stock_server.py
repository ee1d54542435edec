"""moto as it comes, with its interpreter on: run, it prints its port and serves until its input ends."""

from __future__ import annotations

import os
import socket
import sys

from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer


def main():
    sys.setswitchinterval(1e-6)  # what threads can lose, they lose
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ["MOTO_PORT"] = str(port)
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    default_user_config["lambda"]["use_docker"] = False
    ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False).start()
    print(port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
