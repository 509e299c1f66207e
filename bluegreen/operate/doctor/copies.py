"""Where backups are copied to: the vault in another region, or the organisation that has both accounts.

AWS Backup developer guide, "Creating backup copies across AWS accounts".
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeGlobalSettings.html
https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html
"""

from collections.abc import Iterator

from stack_gate.stack import strings

from bluegreen.operate.doctor.findings import Answer, Check, failed, not_needed, passed, unknown
from bluegreen.operate.doctor.subject import Subject

DESTINATION = "destination_vault_arn"
ENABLED = "isCrossAccountBackupEnabled"


def copies(subject: Subject) -> Iterator[Answer]:
    """Of each vault that a plan copies to."""
    vaults = sorted(_vaults(subject))
    if not vaults:
        yield not_needed("no plan copies backups out")
    for arn in vaults:
        _, _, _, region, owner, _, name = arn.split(":", 6)
        if owner == subject.account:
            yield _in_region(subject, region, name)
        else:
            yield _in_account(subject, owner, name)


def _vaults(subject: Subject) -> set[str]:
    found = {
        arn
        for plan in subject.stack.resources("aws_backup_plan")
        for action in plan.blocks("rule.copy_action")
        for arn in strings(action.get(DESTINATION))
    }
    return {arn for arn in found if arn.startswith("arn:")}


def _in_region(subject: Subject, region: str, name: str) -> Answer:
    pages = subject.elsewhere(region)("backup").get_paginator("list_backup_vaults").paginate()
    there = {vault["BackupVaultName"] for page in pages for vault in page["BackupVaultList"]}
    needed = f"a vault {name} in {region}"
    if name in there:
        return passed("there", about=name, needed=needed)
    fix = f"aws backup create-backup-vault --region {region} --backup-vault-name {name}"
    return failed("there is none", fix, about=name, needed=needed)


def _in_account(subject: Subject, owner: str, name: str) -> Answer:
    needed = f"account {owner} in the same organisation, copies between accounts enabled"
    organisations, backup = subject.client("organizations"), subject.client("backup")
    try:
        organisation = organisations.describe_organization()["Organization"]
    except organisations.exceptions.AWSOrganizationsNotInUseException:
        fix = "have the organisation's administrator invite this account"
        return failed("this account is in no organisation", fix, about=name, needed=needed)
    if backup.describe_global_settings()["GlobalSettings"].get(ENABLED) != "true":
        command = f"aws backup update-global-settings --global-settings {ENABLED}=true"
        return failed(
            "copies between accounts are off", f"{command}, as {_manager(organisation)}", about=name
        )
    try:
        organisations.describe_account(AccountId=owner)
    except organisations.exceptions.AccountNotFoundException:
        fix = f"have {_manager(organisation)} invite it, or name another vault in [backup] copy_to"
        return failed(f"{owner} is not in {organisation['Id']}", fix, about=name, needed=needed)
    except organisations.exceptions.AccessDeniedException:
        fix = f"aws organizations describe-account --account-id {owner}, as {_manager(organisation)}"
        return unknown(f"{organisation['Id']}; only its management account lists members", fix, about=name)
    return passed(f"both in {organisation['Id']}", about=name, needed=needed)


def _manager(organisation: dict[str, str]) -> str:
    return f"management account {organisation['MasterAccountId']}"


PERMISSIONS = (
    "backup:DescribeGlobalSettings",
    "backup:ListBackupVaults",
    "organizations:DescribeAccount",
    "organizations:DescribeOrganization",
)
CHECKS = (Check("copies of backups", "a vault that takes them", PERMISSIONS, copies),)
