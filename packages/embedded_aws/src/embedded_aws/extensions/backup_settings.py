"""Stock moto has no global settings of AWS Backup: whether copies to other accounts are allowed.

Members read the organisation's; outside of an organisation there is nothing to read.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeGlobalSettings.html
"""

import json

from moto.backup import urls
from moto.backup.exceptions import InvalidRequestException
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time
from moto.organizations.exceptions import AWSOrganizationsNotInUseException
from moto.organizations.models import organizations_backends

from embedded_aws.extensions import Server

SETTINGS: dict[str, dict[str, str]] = {}  # management account → settings
DEFAULT = {"isCrossAccountBackupEnabled": "false"}


def install(_: Server) -> None:
    """Extend moto's backups. Moto dispatches by the operation's name, once it knows the path."""
    urls.url_paths["{0}/global-settings/?$"] = urls.response.dispatch
    BackupResponse.describe_global_settings = _describe  # type: ignore[attr-defined]
    BackupResponse.update_global_settings = _update  # type: ignore[attr-defined]


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
