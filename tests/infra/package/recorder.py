"""The laptop's stack, writing down what each function asks of AWS: `python -m` this instead of infra.local.

RECORDED names the file; each line is a function, an action of IAM's and the ARN that it is about.
"""

from __future__ import annotations

import json
import os
import runpy
import threading
from pathlib import Path

import botocore.client

from infra.local.lambdas import Lambdas
from infra.local.persistence import ACCOUNT, REGION

KINDS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
_here = threading.local()


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def dynamodb(operation, told):
    if operation == "TransactWriteItems":
        writes = [(kind, write) for item in told["TransactItems"] for kind, write in item.items()]
        return [(KINDS[kind], arn("dynamodb", f"table/{write['TableName']}")) for kind, write in writes]
    names = list(told["RequestItems"]) if "RequestItems" in told else [told["TableName"]]
    index = f"/index/{told['IndexName']}" if "IndexName" in told else ""
    return [(operation, arn("dynamodb", f"table/{name}{index}")) for name in names]


def stepfunctions(operation, told):
    return [(operation, told.get("stateMachineArn") or told["executionArn"])]


def events(operation, told):
    if operation.startswith("ListRule"):
        return [(operation, "*")]
    return [(operation, arn("events", f"rule/{told.get('Rule') or told['Name']}"))]


def scheduler(operation, told):
    if operation == "ListSchedules":
        return [(operation, "*")]
    return [(operation, arn("scheduler", f"schedule/{told['GroupName']}/{told['Name']}"))]


def codebuild(operation, told):
    builds = told.get("ids") or [told["id"]]
    return [(operation, arn("codebuild", f"project/{build.partition(':')[0]}")) for build in builds]


def kms(operation, told):
    return [(operation, told["KeyId"])]


def ecr(operation, told):
    return [(operation, arn("ecr", f"repository/{told['repositoryName']}"))]


def logs(operation, told):
    return [(operation, arn("logs", f"log-group:{told['logGroupName']}:log-stream:{told['logStreamName']}"))]


SERVICES = {one.__name__: one for one in (dynamodb, stepfunctions, events, scheduler, codebuild, kms, ecr, logs)}


def asked(service, operation, told):
    """What a request needs: actions with the ARNs they are about."""
    prefix = "states" if service == "stepfunctions" else service
    needed = [(f"{prefix}:{action}", about) for action, about in SERVICES[service](operation, told)]
    if service == "scheduler" and "Target" in told:
        needed.append(("iam:PassRole", told["Target"]["RoleArn"]))
    return needed


def install(path):
    """Every request that is made for a function is written down, once."""
    known, lock = set(), threading.Lock()
    invoke, call = Lambdas.invoke, botocore.client.BaseClient._make_api_call

    def invoked(self, name, *given):
        _here.function, before = name, getattr(_here, "function", None)
        try:
            return invoke(self, name, *given)
        finally:
            _here.function = before

    def called(client, operation, told):
        api = "APIHandler" if threading.current_thread().name.startswith("waitress") else None
        if function := getattr(_here, "function", None) or api:
            for action, about in asked(client.meta.service_model.service_name, operation, told):
                line = json.dumps([function, action, about])
                with lock:
                    if line not in known:
                        known.add(line)
                        with path.open("a") as file:
                            file.write(line + "\n")
        return call(client, operation, told)

    Lambdas.invoke, botocore.client.BaseClient._make_api_call = invoked, called


if __name__ == "__main__":
    install(Path(os.environ["RECORDED"]))
    runpy.run_module("infra.local", run_name="__main__", alter_sys=True)
