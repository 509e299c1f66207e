"""Copies of backups: to another region, and to another account of the organisation."""

from collections.abc import Iterator

import pytest
from embedded_aws.clients import boto_client

from tests.bluegreen.operate.doctor.test_checks import copy_to
from tests.bluegreen.operate.doctor.world import ACCOUNT, World

CHECK = "copies of backups: payments-copies"


@pytest.fixture
def member(world: World) -> Iterator[str]:
    """Another account of the organisation that this one manages."""
    organisations = world.client("organizations")
    organisations.create_organization(FeatureSet="ALL")
    created = organisations.create_account(AccountName="copies", Email="copies@example.com")
    yield created["CreateAccountStatus"]["AccountId"]
    organisations.close_account(AccountId=created["CreateAccountStatus"]["AccountId"])
    organisations.remove_account_from_organization(AccountId=created["CreateAccountStatus"]["AccountId"])
    organisations.delete_organization()


def verdict(world: World, arn: str) -> tuple[str, str]:
    with world.edited() as document:
        copy_to(document, arn)
        _, _, answer = world.doctor()
    (said,) = [one for one in answer["checks"] if one["check"] == CHECK]
    return said["verdict"], said["found"]


def vault(account: str, region: str = "us-east-1") -> str:
    return f"arn:aws:backup:{region}:{account}:backup-vault:payments-copies"


def test_a_vault_in_another_region(world: World) -> None:
    backup = boto_client("backup", world.aws.endpoint, world.aws.credentials, "eu-west-2")
    backup.create_backup_vault(BackupVaultName="payments-copies")
    assert verdict(world, vault(ACCOUNT, "eu-west-2")) == ("passed", "there")


def test_an_account_of_the_organisation(world: World, member: str) -> None:
    assert verdict(world, vault(member)) == ("failed", "copies between accounts are off")
    settings = {"isCrossAccountBackupEnabled": "true"}
    world.client("backup").update_global_settings(GlobalSettings=settings)
    assert verdict(world, vault(member))[0] == "passed"
    said, found = verdict(world, vault("444455556666"))
    assert (said, found.startswith("444455556666 is not in o-")) == ("failed", True)
