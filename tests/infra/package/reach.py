"""What each function can ask of AWS at all: followed through the code, from function to function."""

from __future__ import annotations

import ast
import functools

import botocore.session
from botocore import xform_name

from app import app
from tests.infra.package.made import ROOT

# How the store's own functions end in requests; PynamoDB makes them.
STORE = {
    "row": "GetItem",
    "get_many": "BatchGetItem",
    "page": "Query",
    "create": "PutItem",
    "replace": "PutItem",
    "overwrite": "PutItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
    "check": "ConditionCheckItem",
}
WRITES = {"delete": "DeleteItem", "put": "PutItem", "update": "UpdateItem", "check": "ConditionCheckItem"}
PREFIXES = {"stepfunctions": "states"}
# Giving a schedule its role is passing that role.
IMPLIED = {"scheduler:CreateSchedule": "iam:PassRole", "scheduler:UpdateSchedule": "iam:PassRole"}
# Who is called through the Protocol of chalicelib.aws.published.
BACKENDS = ("chalicelib.aws.rules", "chalicelib.aws.scheduler")
BACKEND_METHODS = {"put", "delete", "listed", "targeted", "schedule_of"}

Function = tuple[str, str]


class Module:
    """The functions of a module, and what its names stand for elsewhere."""

    def __init__(self, name):
        path = ROOT / f"{name.replace('.', '/')}.py"
        self.name = name
        self.tree = ast.parse(path.read_text())
        self.functions = {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef)}
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                methods = {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}
                self.functions |= {f"{node.name}.{name}": one for name, one in methods.items()}
                self.functions[node.name] = node  # who names the class may call all of it
        self.names = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chalicelib"):
                for alias in node.names:
                    self.names[alias.asname or alias.name] = (node.module, alias.name)


@functools.cache
def module(name):
    return Module(name) if (ROOT / f"{name.replace('.', '/')}.py").exists() else None


def resolved(here, node):
    """The functions that a name or `module.name` stands for."""
    if isinstance(node, ast.Name):
        if node.id in here.functions:
            return [(here.name, node.id)]
        where, name = here.names.get(node.id, (None, None))
        found = module(where) if where else None
        return [(where, name)] if found and name in found.functions else []
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        where, name = here.names.get(node.value.id, (None, None))
        found = module(f"{where}.{name}") if where else None
        if found and node.attr in found.functions:
            return [(found.name, node.attr)]
    if isinstance(node, ast.Attribute) and node.attr in BACKEND_METHODS and here.name.startswith("chalicelib.actions"):
        return [(backend, node.attr) for backend in BACKENDS]
    return []


@functools.cache
def leads_to(function):
    """The functions that one function names."""
    here = module(function[0])
    return {found for node in ast.walk(here.functions[function[1]]) for found in resolved(here, node)} - {function}


@functools.cache
def operations(service):
    """The operations of a service by the names of the client's methods."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(operation): operation for operation in model.operation_names}


def requests(function):
    """The actions that one function asks for by itself."""
    where, name = function
    node = module(where).functions[name]
    if where == "chalicelib.store.table":
        return {f"dynamodb:{STORE[name]}"} if name in STORE else set()
    if where.startswith("chalicelib.store"):
        kinds = [call.args[0] for call in ast.walk(node) if isinstance(call, ast.Call) and is_write(call)]
        return {f"dynamodb:{WRITES[kind.value]}" for kind in kinds}
    if not where.startswith("chalicelib.aws"):
        return set()
    words = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    words |= {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    found = set()
    for service in services(where):
        prefix = PREFIXES.get(service, service)
        found |= {f"{prefix}:{operation}" for name, operation in operations(service).items() if name in words}
    return found | {IMPLIED[action] for action in found & IMPLIED.keys()}


def is_write(call):
    return isinstance(call.func, ast.Name) and call.func.id == "Write" and isinstance(call.args[0], ast.Constant)


@functools.cache
def services(where):
    """The services whose clients a module asks for."""
    calls = [one for one in ast.walk(module(where).tree) if isinstance(one, ast.Call)]
    asked = [one for one in calls if isinstance(one.func, ast.Name) and one.func.id == "client"]
    return {one.args[0].value for one in asked}


def reached(roots):
    """The actions that can be asked for, starting from these functions."""
    known, waiting = set(), list(roots)
    while waiting:
        function = waiting.pop()
        if function not in known:
            known.add(function)
            waiting += leads_to(function)
    return set().union(*(requests(function) for function in known))


def roots():
    """Where each function begins: its handler; for the API every view, and what app.py gives to them all."""
    found = {one.name: [tuple(one.handler_string.rsplit(".", 1))] for one in app.pure_lambda_functions}
    edge = ("chalicelib.edge", "call_by")
    found = {name: [*begin, edge] for name, begin in found.items()}
    api = [module(f"chalicelib.api.{path.stem}") for path in (ROOT / "chalicelib" / "api").glob("*.py")]
    given = [module("chalicelib.store.claims")]
    found["api_handler"] = [(one.name, name) for one in [*api, *given] for name in one.functions]
    found["api_handler"] += [edge, ("chalicelib.actions.tokens", "find"), ("chalicelib.actions.reach", "check")]
    return found
