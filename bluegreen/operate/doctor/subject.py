"""What is examined: a synthesized stack, its state, and the account that its credentials lead to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from stack_gate.stack import Block, Stack

from bluegreen.aws import Access
from bluegreen.terraform import State
from bluegreen.terraform.bootstrap import StateBackend
from bluegreen.terraform.recovery.clients import ClientFor, clients


@dataclass(frozen=True)
class Caller:
    """Who asks, as STS says. `skew`: seconds that this machine's clock is ahead of AWS's; None: not told."""

    arn: str
    account: str
    skew: float | None


@dataclass(frozen=True)
class Subject:
    """One deployment. `backend`: None where its state is a local file, as of one on the embedded AWS;
    `domain`: the name that clients will use, where the operator gave one; `load_state`: raises botocore's
    errors and ValueError.
    """

    name: str
    stack: Stack
    access: Access
    backend: StateBackend | None
    caller: Caller
    load_state: Callable[[], State]
    domain: str | None = None

    @cached_property
    def client(self) -> ClientFor:
        """Clients of the deployment's region, each made once."""
        return clients(self.access)

    def elsewhere(self, region: str) -> ClientFor:
        """Clients of another region."""
        return clients(replace(self.access, region=region))

    def pages(self, service: str, operation: str, result: str, **asked: Any) -> list[dict[str, Any]]:
        """All that an operation lists, from all pages."""
        found: list[dict[str, Any]] = []
        for page in self.client(service).get_paginator(operation).paginate(**asked):
            found += page.get(result) or ()
        return found

    @cached_property
    def state(self) -> State:
        """What applies have made so far."""
        return self.load_state()

    @cached_property
    def provider(self) -> Mapping[str, Any]:
        """The provider's block."""
        return next((block.body for block in self.stack.kind("provider") if block.label == "aws"), {})

    @property
    def account(self) -> str:
        """The account that the deployment is for; empty where the provider does not say."""
        return str(next(iter(self.provider.get("allowed_account_ids", ())), ""))

    @property
    def region(self) -> str:
        """Its region."""
        return self.access.region

    @cached_property
    def zones(self) -> tuple[str, ...]:
        """Names of the availability zones that it uses, in order."""
        return tuple(
            sorted({zone for b in self.stack.resources("aws_subnet") if (zone := b.get("availability_zone"))})
        )

    def exists(self, block: Block) -> bool:
        """Whether the state has it."""
        return block.address in self.state

    def added(self, *types: str) -> list[Block]:
        """The resources of these types that an apply would create."""
        return [block for block in self.stack.resources(*types) if not self.exists(block)]

    def attributes(self, block: Block) -> Mapping[str, Any]:
        """Of a resource in the state; empty where it isn't."""
        return next((x.attributes for x in self.state.instances if x.address == block.address), {})


def listed(names: Iterable[str], most: int = 5) -> str:
    """`a, b, c and 4 more`."""
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
