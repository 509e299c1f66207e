"""The life of a deployment on an embedded AWS: each phase by a session of its own, so that each call tells of
its phase.
"""

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import embedded_aws
from embedded_aws import LocalAws

from bluegreen.aws import Access
from bluegreen.cli.deployment import certificates, clusters
from bluegreen.operate.databases import local
from bluegreen.permissions.recording import PHASES as RECORDED
from bluegreen.permissions.recording import Row, rows_of
from bluegreen.permissions.scope import scope_of
from bluegreen.terraform import Terraform, TerraformFailedError
from bluegreen.terraform.recovery import condition_of, import_id
from bluegreen.terraform.recovery.clients import clients
from tools.permissions.changes import ROOT, changed, with_values

PHASES = {name.replace(" ", "-"): name for name in RECORDED}
PARALLELISM = 48
# What S3 takes at creation only.
LOCKED = {"audit.trail": True, "load_balancer.log_lock_days": 30}
STATE = "terraform.tfstate"
FILE_SYSTEMS = "colours.*.service.file_systems"
# What protects resources from being destroyed, and how an operator lifts it first (docs/runbook.md).
PROTECTED = {
    "delete_protection": False,
    "deletion_protection": False,
    "deletion_protection_enabled": False,
    "enable_deletion_protection": False,
    "firewall_policy_change_protection": False,
    "mutation_protection": "DISABLED",
    "prevent_destroy": False,
}
# The failed apply: the function is gone, and its creation is refused.
REFUSED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "lambda:CreateFunction", "Resource": "*"},
    ],
}


class Life:
    """In a directory of its own. `tell` gets what it does."""

    def __init__(self, directory: Path, tell: Callable[[str], None]) -> None:
        self._directory, self._tell = directory, tell
        self._stack = directory / "stack"
        text = (ROOT / "config/local.toml").read_text(encoding="utf-8")
        self._begun = with_values(shared(tomllib.loads(text)), LOCKED)
        self._base = self._synthesized(tomllib.loads(text), "base")
        self._changed = self._synthesized(changed(text), "changed")

    def record(self) -> tuple[Row, ...]:
        """Everything that was allowed in it, and in the shorter life of a deployment with one cluster."""
        needs: list[Mapping[str, Any]] = []
        for live in (self._live_shared, self._live):
            with embedded_aws.running(self._directory / live.__name__) as aws:
                live(aws)
                needs += embedded_aws.needs(aws)
            (self._directory / STATE).unlink()
        return rows_of(needs, scope_of(self._base), PHASES)

    def _live_shared(self, aws: LocalAws) -> None:
        """RDS keeps the administrator's password of the one cluster; tasks mount a file system."""
        mounted = with_values(self._begun, {FILE_SYSTEMS: [file_system(aws)]})
        document = self._synthesized(mounted, "shared")
        self._seed(aws, document)
        as_phase = self._as_phase(aws)
        self._write(document)
        as_phase["shared"].init()
        self._apply(as_phase["shared"], "apply with one cluster")
        self._plan(as_phase["refresh"])
        self._write(_unprotected(document))
        self._apply(as_phase["shared"], "lift its protection")
        self._tell("destroy it")
        _run(as_phase["shared"], "destroy")

    def _as_phase(self, aws: LocalAws) -> dict[str, Terraform]:
        return {
            name: Terraform(self._stack, embedded_aws.as_deploying_role(aws, name).environment())
            for name in PHASES
        }

    def _live(self, aws: LocalAws) -> None:
        self._seed(aws, self._base)
        as_phase = self._as_phase(aws)
        refresh, apply, change = as_phase["refresh"], as_phase["apply"], as_phase["change"]
        self._write(self._base)
        apply.init()
        self._plan(refresh)
        self._apply(apply, "apply")
        self._plan(refresh)
        self._recover(aws, apply)
        self._write(self._changed)
        self._plan(refresh)
        self._apply(change, "change")
        self._plan(refresh)
        self._write(_unprotected(self._changed))
        self._apply(change, "lift the protection")
        self._write(_unprotected(self._base))
        self._apply(change, "change back")
        self._fail(aws, as_phase["failed-apply"])
        self._tell("destroy")
        _run(as_phase["destroy"], "destroy")

    def _fail(self, aws: LocalAws, continues: Terraform) -> None:
        """One that is refused midway, and the next one, which continues."""
        refused = embedded_aws.as_deploying_role(aws, "failed-apply", json.dumps(REFUSED))
        functions = self._base["resource"]["aws_lambda_function"]
        address = next(f"aws_lambda_function.{name}" for name in functions if "switch" in name)
        self._tell("an apply that fails")
        try:
            _run(Terraform(self._stack, refused.environment()), "apply", f"-replace={address}")
        except TerraformFailedError:
            self._apply(continues, "the apply that continues")
            return
        raise RuntimeError("the apply was to fail, and did not")

    def _recover(self, aws: LocalAws, terraform: Terraform) -> None:
        """What `bluegreen plan` and `apply` look up of what an unfinished apply has left."""
        self._tell("look up each resource")
        planner = embedded_aws.as_deploying_role(aws, "refresh")
        client_for = clients(Access(embedded_aws.REGION, planner.endpoint, planner.environment()))
        for instance in terraform.state().instances:
            known = {key: value for key, value in instance.attributes.items() if key not in ("arn", "id")}
            import_id(instance.type, known, client_for)
            condition_of(instance.type, instance.attributes, client_for)

    def _plan(self, terraform: Terraform) -> None:
        self._tell("plan")
        terraform.plan()

    def _apply(self, terraform: Terraform, what: str) -> None:
        self._tell(what)
        terraform.apply(parallelism=PARALLELISM)

    def _seed(self, aws: LocalAws, stack: Mapping[str, Any]) -> None:
        """Certificates and the boundary, which the account has before; databases, or no rotation ends."""
        local.start(aws, clusters(stack))
        for document in (self._base, self._changed):
            for arn in certificates(document):
                embedded_aws.seed_certificate(aws, arn, "payments.test")
        scope = scope_of(self._base)
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        path, _, name = scope.boundary.partition(":policy")[2].rpartition("/")
        aws.client("iam").create_policy(
            PolicyName=name,
            Path=f"{path}/",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
        )

    def _write(self, document: Mapping[str, Any]) -> None:
        (self._stack / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")

    def _synthesized(self, document: Mapping[str, Any], name: str) -> dict[str, Any]:
        workspace = self._directory / name
        shutil.copytree(ROOT / "config", workspace / "config")
        (workspace / "config/local.toml").write_text(toml(document), encoding="utf-8")
        command = [sys.executable, str(ROOT / "main.py")]
        subprocess.run(command, cwd=workspace, check=True, env=_environment())
        found = workspace / "cdktf.out/stacks/local"
        shutil.copytree(found, self._stack, dirs_exist_ok=True)
        stack: dict[str, Any] = json.loads((found / "cdk.tf.json").read_text(encoding="utf-8"))
        stack["terraform"]["backend"] = {"local": {"path": str(self._directory / STATE)}}
        return stack


def file_system(aws: LocalAws) -> dict[str, Any]:
    """One of the account with an access point, as a service mounts it."""
    efs = aws.client("efs")
    found = efs.create_file_system(CreationToken="reports", Encrypted=True)
    access = efs.create_access_point(ClientToken="reports", FileSystemId=found["FileSystemId"])
    return {
        "file_system": found["FileSystemArn"],
        "access_point": access["AccessPointArn"],
        "path": "/reports",
    }


def shared(document: dict[str, Any]) -> dict[str, Any]:
    """With one cluster, so both tables say the same of it."""
    blue, green = (document["colours"][colour] for colour in ("blue", "green"))
    green["database"] = blue["database"]
    return {"shared": True, **document}


def _environment() -> dict[str, str]:
    import os  # noqa: PLC0415

    return {**os.environ, "DEPLOYMENT": "local"}


def _run(terraform: Terraform, *arguments: str) -> None:
    """What only the recording does."""
    command, *options = arguments
    terraform._stream([command, "-json", "-auto-approve", f"-parallelism={PARALLELISM}", *options])


def _unprotected(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: PROTECTED.get(name, _unprotected(one)) for name, one in value.items()}
    return [_unprotected(one) for one in value] if isinstance(value, list) else value


def toml(document: Mapping[str, Any], path: str = "") -> str:
    """The document as a file's text."""
    tables = {key: value for key, value in document.items() if isinstance(value, dict)}
    lines = [f"{key} = {_text(value)}" for key, value in document.items() if key not in tables]
    own = "\n".join([f"[{path}]" if path else "", *lines, ""])
    return own + "".join(toml(value, f"{path}.{key}" if path else key) for key, value in tables.items())


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_text(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


def missing(found: Iterable[Row], recorded: Iterable[Row]) -> list[Row]:
    """What a platform needed and the recording lacks."""
    known = {row.identity for row in recorded}
    return [row for row in found if row.identity not in known]
