"""Stock moto has no backup selections, vault policies or vault notifications, and changes no plan.

It also reads tags only from a path that ends with a slash, as botocore's does and the Go SDK's does not.
"""

import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.backup import urls
from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.models import BackupBackend, Plan
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time

from embedded_aws.extensions import Server

Handler = Callable[[BackupResponse], str]

SELECTIONS = "bluegreen_selections"
VAULT_DOCUMENTS = "bluegreen_vault_documents"
# What a vault holds besides recovery points: path → (kind, the keys of the request that it keeps).
DOCUMENTS = {
    "access-policy": ("access_policy", ("Policy",)),
    "notification-configuration": ("notifications", ("SNSTopicArn", "BackupVaultEvents")),
}


def install(_: Server) -> None:
    """Extend moto's backups. Moto dispatches by the operation's name, once it knows the path."""
    for path in DOCUMENTS:
        urls.url_paths["{0}/backup-vaults/(?P<name>[^/]+)/" + path + "$"] = urls.response.dispatch
    methods: dict[str, Handler] = {
        "create_backup_selection": _create_selection,
        "get_backup_selection": _get_selection,
        "list_backup_selections": _list_selections,
        "delete_backup_selection": _delete_selection,
        "list_tags": _list_tags,
        "update_backup_plan": _update_plan,
    }
    for path, (kind, _keys) in DOCUMENTS.items():
        methods[f"put_backup_vault_{kind}"] = _document_writer(path)
        methods[f"get_backup_vault_{kind}"] = _document_reader(path)
        methods[f"delete_backup_vault_{kind}"] = _document_remover(path)
    for name, method in methods.items():
        setattr(BackupResponse, name, method)


def kept(backend: BackupBackend, what: str) -> dict[Any, dict[str, Any]]:
    """A store of ours on moto's backend: reset together with it."""
    store: dict[Any, dict[str, Any]] = vars(backend).setdefault(what, {})
    return store


def _parts(response: BackupResponse, after: str) -> list[str]:
    return [unquote(part) for part in response.path.split(after, 1)[1].strip("/").split("/")]


def _update_plan(response: BackupResponse) -> str:
    """A new version of a plan. AWS Backup API reference, UpdateBackupPlan."""
    backend: BackupBackend = response.backup_backend
    plan = _parts(response, "/plans/")[0]
    backend.get_backup_plan(backup_plan_id=plan, version_id=None)  # raises for an unknown one
    changed = backend.plans[plan]
    anew = Plan(json.loads(response.body)["BackupPlan"], changed.creator_request_id, backend)
    for name in ("version_id", "backup_plan", "advanced_backup_settings"):
        setattr(changed, name, getattr(anew, name))
    return json.dumps(changed.to_dict())


def _create_selection(response: BackupResponse) -> str:
    plan = _parts(response, "/plans/")[0]
    response.backup_backend.get_backup_plan(backup_plan_id=plan, version_id=None)  # raises for an unknown one
    request = json.loads(response.body)
    selection = {
        "BackupPlanId": plan,
        "SelectionId": str(uuid.uuid4()),
        "CreationDate": unix_time(),
        "BackupSelection": request["BackupSelection"],
        "CreatorRequestId": request.get("CreatorRequestId", ""),
    }
    kept(response.backup_backend, SELECTIONS)[plan, selection["SelectionId"]] = selection
    return json.dumps({key: selection[key] for key in ("BackupPlanId", "SelectionId", "CreationDate")})


def _selection_of(response: BackupResponse) -> tuple[str, str]:
    plan, _, selection = _parts(response, "/plans/")
    if (plan, selection) not in kept(response.backup_backend, SELECTIONS):
        raise ResourceNotFoundException(f"Cannot find Backup selection with ID {selection} in plan {plan}")
    return plan, selection


def _get_selection(response: BackupResponse) -> str:
    return json.dumps(kept(response.backup_backend, SELECTIONS)[_selection_of(response)])


def _list_selections(response: BackupResponse) -> str:
    plan = _parts(response, "/plans/")[0]
    found = [
        {**one, "SelectionName": one["BackupSelection"]["SelectionName"]}
        for (of_plan, _), one in kept(response.backup_backend, SELECTIONS).items()
        if of_plan == plan
    ]
    return json.dumps({"BackupSelectionsList": found})


def _delete_selection(response: BackupResponse) -> str:
    del kept(response.backup_backend, SELECTIONS)[_selection_of(response)]
    return "{}"


def _list_tags(response: BackupResponse) -> str:
    arn = "/".join(_parts(response, "/tags/"))
    return json.dumps({"Tags": response.backup_backend.list_tags(arn)})


def _vault_of(response: BackupResponse) -> Any:
    name = _parts(response, "/backup-vaults/")[0]
    return response.backup_backend.describe_backup_vault(name)  # raises for an unknown one


def _document_writer(path: str) -> Handler:
    def write(response: BackupResponse) -> str:
        vault = _vault_of(response)
        request = json.loads(response.body)
        document = {key: request[key] for key in DOCUMENTS[path][1]}
        kept(response.backup_backend, VAULT_DOCUMENTS)[vault.backup_vault_name, path] = document
        return "{}"

    return write


def _document_reader(path: str) -> Handler:
    def read(response: BackupResponse) -> str:
        vault = _vault_of(response)
        found = kept(response.backup_backend, VAULT_DOCUMENTS).get((vault.backup_vault_name, path))
        if found is None:
            raise ResourceNotFoundException(f"Backup vault {vault.backup_vault_name} has no {path}")
        return json.dumps(
            {"BackupVaultName": vault.backup_vault_name, "BackupVaultArn": vault.backup_vault_arn, **found}
        )

    return read


def _document_remover(path: str) -> Handler:
    def remove(response: BackupResponse) -> str:
        vault = _vault_of(response)
        kept(response.backup_backend, VAULT_DOCUMENTS).pop((vault.backup_vault_name, path), None)
        return "{}"

    return remove
