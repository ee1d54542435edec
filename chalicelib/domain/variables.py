"""Environment variables of a job: defaults on a block, overrides in an environment, values for one run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.domain.problems import FieldError

MOST = 64
MOST_BYTES = 4096
MOST_BYTES_TOGETHER = 32 * 1024
RESERVED = "KINTO_"
# A build gets its variables as JSON within JSON, where each of these is seven characters.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def check_name(name: str) -> None:
    """Raise ValueError for names that the product itself sets."""
    if name.startswith(RESERVED):
        raise ValueError(f"names that start with {RESERVED} are ours; choose another")


def check_value(value: str) -> None:
    """Raise ValueError for values too long, or of which a build would be told too long a text."""
    if len(value.encode()) > MOST_BYTES:
        raise ValueError(f"at most {MOST_BYTES} bytes, these are {len(value.encode())}")
    if _CONTROLS.search(value):
        raise ValueError("no control characters but tabs and line ends; write it in base64 and decode it in the job")


VariableName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        pattern="^[A-Za-z_][A-Za-z0-9_]*$",
        description="letters, digits and underscores, not starting with a digit",
        examples=["DATABASE_URL"],
        extra={"check": check_name},
    ),
]
VariableValue = Annotated[str, Meta(max_length=MOST_BYTES, extra={"check": check_value})]


class Variable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One environment variable; the value of a masked one is never stored here and never answered."""

    name: VariableName
    value: VariableValue | None = None
    required: bool = False
    masked: bool = False


Variables = Annotated[tuple[Variable, ...], Meta(max_length=MOST)]


def errors(variables: Sequence[Variable], field: str = "variables") -> list[FieldError]:
    """What is wrong with a list of variables: names twice, reserved names, sizes."""
    found: list[FieldError] = []
    if len(variables) > MOST:
        found.append(FieldError(field, f"at most {MOST} variables, these are {len(variables)}"))
    seen: set[str] = set()
    for index, variable in enumerate(variables):
        if variable.name in seen:
            found.append(FieldError(f"{field}[{index}].name", f"{variable.name} is there twice; keep one of them"))
        seen.add(variable.name)
    total = sum(len((variable.value or "").encode()) for variable in variables)
    if total > MOST_BYTES_TOGETHER:
        found.append(FieldError(field, f"at most {MOST_BYTES_TOGETHER} bytes together, these are {total}"))
    return found


def merged(defaults: Iterable[Variable], overrides: Iterable[Variable]) -> tuple[Variable, ...]:
    """Defaults with overrides laid over them by name; required or masked in either is so in the result."""
    result = {variable.name: variable for variable in defaults}
    for override in overrides:
        default = result.get(override.name, override)
        result[override.name] = Variable(
            name=override.name,
            value=default.value if override.value is None else override.value,
            required=default.required or override.required,
            masked=default.masked or override.masked,
        )
    return tuple(result.values())


def plain(variables: Iterable[Variable]) -> dict[str, str]:
    """The values of those that are not masked."""
    return {v.name: v.value for v in variables if v.value is not None and not v.masked}


def unset(variables: Iterable[Variable], masked_values: Iterable[str]) -> list[str]:
    """The names of required variables that have no value; `masked_values` are the masked names that have one."""
    present = set(masked_values)
    return [v.name for v in variables if v.required and not (v.name in present if v.masked else v.value)]


def without_masked_values(variables: Iterable[Variable]) -> tuple[Variable, ...]:
    """The same list as it may be stored and answered."""
    return tuple(msgspec.structs.replace(v, value=None) if v.masked else v for v in variables)


def masked_values(variables: Iterable[Variable]) -> dict[str, str]:
    """The values that must be encrypted: masked and given."""
    return {v.name: v.value for v in variables if v.masked and v.value is not None}


def kept(stamps: Mapping[str, str], variables: Iterable[Variable]) -> dict[str, str]:
    """The stamps of stored masked values that the new list still names as masked and gives no new value for."""
    names = {v.name for v in variables if v.masked and v.value is None}
    return {name: stamp for name, stamp in stamps.items() if name in names}
