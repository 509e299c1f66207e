"""Stock moto has no global settings of AWS Backup: whether copies to other accounts are allowed. And it says
of a vault that it does not exist; AWS doesn't say whether it does.

Members read the organisation's; outside of an organisation there is nothing to read.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeGlobalSettings.html
"""

import json
from collections.abc import Callable
from typing import Any

from moto.backup import urls
from moto.backup.exceptions import InvalidRequestException
from moto.backup.models import BackupBackend
from moto.backup.responses import BackupResponse
from moto.core.exceptions import JsonRESTError
from moto.core.utils import unix_time
from moto.organizations.exceptions import AWSOrganizationsNotInUseException
from moto.organizations.models import organizations_backends

from embedded_aws.extensions import Server, replace

SETTINGS: dict[str, dict[str, str]] = {}  # management account → settings
DEFAULT = {"isCrossAccountBackupEnabled": "false"}


def install(_: Server) -> None:
    """Extend moto's backups. Moto dispatches by the operation's name, once it knows the path."""
    urls.url_paths["{0}/global-settings/?$"] = urls.response.dispatch
    replace(BackupBackend, "describe_backup_vault", _describe_vault)
    BackupResponse.describe_global_settings = _describe  # type: ignore[attr-defined]
    BackupResponse.update_global_settings = _update  # type: ignore[attr-defined]


class AccessDenied(JsonRESTError):  # noqa: N818 - named after the API's error
    """To a vault that may or may not exist."""

    code = 403

    def __init__(self) -> None:
        super().__init__("AccessDeniedException", "Insufficient privileges to perform this action.")


def _describe_vault(stock: Callable[..., Any], backend: BackupBackend, backup_vault_name: str) -> Any:
    if backup_vault_name not in backend.vaults:
        raise AccessDenied
    return stock(backend, backup_vault_name)


def _manager(account: str) -> str:
    try:
        found: str = organizations_backends[account]["aws"].describe_organization()["Organization"][
            "MasterAccountId"
        ]
    except AWSOrganizationsNotInUseException as error:
        raise InvalidRequestException("Your account is not a member of an organization") from error
    return found


def _describe(response: BackupResponse) -> str:
    settings = SETTINGS.get(_manager(response.current_account), DEFAULT)
    return json.dumps({"GlobalSettings": settings, "LastUpdateTime": unix_time()})


def _update(response: BackupResponse) -> str:
    manager = _manager(response.current_account)
    if manager != response.current_account:
        raise InvalidRequestException("Only the management account of an organization changes its settings")
    SETTINGS[manager] = DEFAULT | json.loads(response.body)["GlobalSettings"]
    return "{}"
