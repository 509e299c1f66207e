"""The roles of shipped deployments: as documents, and in an embedded AWS that decides by them."""

from collections.abc import Iterator
from dataclasses import replace

import embedded_aws
import pytest
from embedded_aws import LocalAws

from bluegreen.permissions import NAMES, Role, Scope, boundary_of, role_of, scope_of
from bluegreen.permissions.making import Making
from bluegreen.permissions.trust import Account
from tests.stack_reader import Stack


@pytest.fixture(scope="session")
def scope(stacks: dict[str, Stack]) -> Scope:
    """Of `staging`, as if its tasks mounted a file system: its state is in a bucket."""
    return replace(scope_of(stacks["staging"].document), file_systems=("fs-0123456789abcdef0",))


@pytest.fixture(scope="session")
def roles(scope: Scope) -> dict[str, Role]:
    """All four by name."""
    return {name: role_of(name, scope) for name in NAMES}


@pytest.fixture(scope="session")
def account(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """An embedded AWS called by its operator, an administrator."""
    with embedded_aws.running(tmp_path_factory.mktemp("account")) as aws:
        yield aws


@pytest.fixture(scope="session")
def made(account: LocalAws, scope: Scope, roles: dict[str, Role], stacks: dict[str, Stack]) -> LocalAws:
    """The account, with all four roles and the boundary; its operator may assume them."""
    operator = Account(account.client("sts").get_caller_identity()["Arn"])
    boundary = boundary_of(scope, stacks["staging"].document)
    making = Making(
        account.client("iam"),
        roles.values(),
        [boundary],
        operator,
        deployment="staging",
        tags=scope.tags,
    )
    for setting in making.settings():
        assert not setting.is_so()
        setting.make_so()
        assert setting.is_so(), setting.name
    return account


@pytest.fixture(scope="session")
def applier(made: LocalAws, scope: Scope) -> LocalAws:
    """The account, called by the role that applies."""
    return embedded_aws.as_role(made, scope.role_arn("apply"), "test")


@pytest.fixture(scope="session")
def planner(made: LocalAws, scope: Scope) -> LocalAws:
    """The account, called by the role that plans."""
    return embedded_aws.as_role(made, scope.role_arn("plan"), "test")
