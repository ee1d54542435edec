"""A stage and where it is: the names of its stack and bucket, the account, the Region, the stack as it stands."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import os
import re
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.operate.refusals import Refused

# Of the 64 characters of a rule's name the product needs 32.
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]")
PATIENT = Config(retries={"mode": "standard", "max_attempts": 6}, connect_timeout=10)


@dataclasses.dataclass(frozen=True)
class Stage:
    """One stage in the account that the credentials at hand belong to."""

    name: str
    stack: str
    session: boto3.Session

    @functools.cached_property
    def region(self) -> str:
        """Raises Refused where none is chosen."""
        if not self.session.region_name:
            raise Refused("No Region is chosen. Set AWS_REGION, as in: AWS_REGION=eu-west-1 make ...")
        return str(self.session.region_name)

    @functools.cached_property
    def identity(self) -> Mapping[str, str]:
        """`Account` and `Arn` of whoever asks."""
        told: Mapping[str, str] = self.client("sts").get_caller_identity()
        return told

    @property
    def account(self) -> str:
        """The account's number."""
        return self.identity["Account"]

    @property
    def partition(self) -> str:
        """`aws`, or another part of the world."""
        return str(self.session.get_partition_for_region(self.region))

    @property
    def bucket(self) -> str:
        """The bucket for this stack's packages."""
        return f"{self.stack}-{self.account}-{self.region}"

    @property
    def table(self) -> str:
        """The table, which outlives the stack."""
        return f"{self.stack}-table"

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.stack} in account {self.account}, {self.region}"

    def client(self, service: str) -> Any:
        """A client of the Region."""
        if service not in self._clients:
            make: Any = self.session.client
            self._clients[service] = make(service, region_name=self.region, config=PATIENT)
        return self._clients[service]

    @functools.cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def described(self, stack_id: str = "") -> Mapping[str, Any] | None:
        """The stack as CloudFormation describes it; None where there is none."""
        try:
            stacks: list[dict[str, Any]] = self.client("cloudformation").describe_stacks(
                StackName=stack_id or self.stack
            )["Stacks"]
        except ClientError as error:
            # The name was checked before: what is invalid about it can only be that no stack has it.
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise
        return stacks[0]

    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs; raises Refused where it is not deployed."""
        stack = self.described()
        if stack is None:
            raise Refused(f"There is no stack {self.words}. Deploy it first: make deploy STAGE={self.name}")
        return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}


def parser(what: str) -> argparse.ArgumentParser:
    """The options that all commands take."""
    made = argparse.ArgumentParser(description=what)
    made.add_argument("stage", help="a stage of .chalice/config.json: dev, prod")
    made.add_argument("--stack", help="the stack's name (kintoblocks-STAGE)")
    return made


def _collision(stack: str) -> str | None:
    """Say which resources of another stack bear this name, or begin with it."""
    if stack.endswith("-tokens"):
        return f"its key would be that of the tokens of a stack {stack.removesuffix('-tokens')}"
    if "-s-" in stack:
        other = stack.partition("-s-")[0]
        return f"the rules of its schedules would count as those of a stack {other}, which removes unknown ones"
    return None


def chosen(options: argparse.Namespace) -> Stage:
    """The stage that the options name."""
    stack = options.stack or f"kintoblocks-{options.stage}"
    if not NAME.fullmatch(stack):
        raise Refused(
            f"{stack} can't be a stack's name: write 2 to 32 lower-case letters, digits and hyphens, a letter first."
        )
    if (collision := _collision(stack)) is not None:
        raise Refused(f"{stack} can't be a stack's name: {collision}. Choose another: --stack NAME")
    region = os.environ.get("AWS_REGION") or None  # boto3 itself reads AWS_DEFAULT_REGION alone
    return Stage(options.stage, stack, boto3.Session(region_name=region))
