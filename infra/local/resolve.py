"""CloudFormation's intrinsic functions over a template whose physical names are known beforehand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Value = Any


class Resolver:
    def __init__(
        self,
        template: Mapping[str, Any],
        pseudo: Mapping[str, str],
        ref: Callable[[str], str],
        attribute: Callable[[str, str], str],
    ) -> None:
        self._conditions = template.get("Conditions", {})
        defaults = {name: parameter.get("Default", "") for name, parameter in template.get("Parameters", {}).items()}
        self._values = {**defaults, **pseudo}
        self._ref, self._attribute = ref, attribute

    def holds(self, condition: str) -> bool:
        return bool(self.resolve(self._conditions[condition]))

    def resolve(self, value: Value) -> Value:
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            function = _FUNCTIONS.get(name)
            if function and not (name == "Condition" and not isinstance(argument, str)):
                return function(self, argument)
            if name.startswith("Fn::"):
                raise ValueError(f"{name} is not known here")
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NO_VALUE}

    def ref(self, name: str) -> Value:
        if name == "AWS::NoValue":
            return _NO_VALUE
        return self._values[name] if name in self._values else self._ref(name)

    def get_att(self, argument: Value) -> str:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._attribute(name, attribute)

    def sub(self, argument: Value) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument
        values = self.resolve(given)

        def replaced(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in values:
                return str(values[name])
            return self.get_att(name) if "." in name else str(self.ref(name))

        return re.sub(r"\$\{([^}]+)\}", replaced, text)

    def either(self, argument: list[Value]) -> Value:
        condition, yes, no = argument
        return self.resolve(yes if self.holds(condition) else no)


_NO_VALUE = object()


def _join(resolver: Resolver, argument: list[Value]) -> str:
    return str(argument[0]).join(map(str, resolver.resolve(argument[1])))


def _equal(resolver: Resolver, argument: list[Value]) -> bool:
    one, other = resolver.resolve(argument)
    return bool(str(one) == str(other))


_FUNCTIONS: dict[str, Callable[[Resolver, Any], Value]] = {
    "Ref": Resolver.ref,
    "Fn::GetAtt": Resolver.get_att,
    "Fn::Sub": Resolver.sub,
    "Fn::Join": _join,
    "Fn::If": Resolver.either,
    "Fn::Equals": _equal,
    "Fn::Not": lambda resolver, argument: not resolver.resolve(argument[0]),
    "Fn::And": lambda resolver, argument: all(resolver.resolve(argument)),
    "Fn::Or": lambda resolver, argument: any(resolver.resolve(argument)),
    "Fn::Select": lambda resolver, argument: resolver.resolve(argument[1])[int(argument[0])],
    "Fn::Split": lambda resolver, argument: str(resolver.resolve(argument[1])).split(argument[0]),
    "Condition": lambda resolver, argument: resolver.holds(argument),
}
