"""The laptop's stack, whose CodeBuild refuses to run some jobs: `python -m` this instead of infra.local."""

from __future__ import annotations

import json
import runpy

from moto.codebuild.exceptions import InvalidInputException

from infra.local import build_requests

MARK = "refuse-to-start-this"
MESSAGE = "CodeBuild is not authorized to perform: sts:AssumeRole on service role"


def install():
    """Refuse the build of every job that has MARK among its variables; its image is built."""
    check = build_requests._check

    def check_role(request):
        check(request)
        if request["serviceRoleOverride"] and MARK in json.dumps(request["environmentVariablesOverride"]):
            raise InvalidInputException(MESSAGE)

    build_requests._check = check_role


if __name__ == "__main__":
    install()
    runpy.run_module("infra.local", run_name="__main__", alter_sys=True)
