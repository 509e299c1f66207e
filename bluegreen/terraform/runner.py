"""Runs Terraform's commands."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bluegreen import private
from bluegreen.terraform.errors import TerraformFailedError, TerraformMissingError, describe, plain
from bluegreen.terraform.mirror import find_mirror
from bluegreen.terraform.stream import Applied, OnProgress, Plan, Run

MINIMUM_VERSION = (1, 10)  # the first that locks S3 state with a lock file
INTERRUPT_GRACE_SECONDS = 120
# How much garbage Terraform and its providers may leave before they collect it, unless the user says (Go's
# default: 100). A plan of the platform takes a sixth less CPU time with it, and a third more memory.
GARBAGE_PERCENT = "200"
USERS_OWN = -1  # umask, as subprocess has it


class Terraform:
    """Terraform in one stack directory. `environment`: the whole of it; by default this process's own."""

    def __init__(self, stack: Path, environment: Mapping[str, str] | None = None) -> None:
        self.stack = stack
        self._environment = unattended(os.environ if environment is None else environment)

    def init(self, backend_config: Mapping[str, str] | None = None) -> None:
        """Install the providers that the stack names, exactly those of its lock file where it has one.

        `backend_config` completes or overrides arguments of the stack's own backend.
        """
        arguments = ["init", "-json"]
        if (self.stack / ".terraform.lock.hcl").exists():
            arguments.append("-lockfile=readonly")
        mirror = find_mirror(self.stack, self._check_version(), self._environment)
        if mirror is not None:
            arguments.append(f"-plugin-dir={mirror}")
        arguments += [f"-backend-config={key}={value}" for key, value in (backend_config or {}).items()]
        self._stream(arguments)

    def validate(self) -> None:
        """Raise TerraformFailedError if the initialised stack isn't valid."""
        document = json.loads(self._run("validate", "-json", allowed=(0, 1)))
        if not document["valid"]:
            raise TerraformFailedError(
                "validate", self.stack, tuple(describe(d) for d in document["diagnostics"])
            )

    def plan(self, out: Path | None = None) -> Plan:
        """What an apply would change; the plan is also saved to `out`, relative to the current directory."""
        arguments = ["plan", "-json", "-detailed-exitcode"]
        if out is not None:
            arguments.append(f"-out={out.absolute()}")
        run = self._stream(arguments, allowed=(0, 2))
        return Plan(tuple(sorted(run.changes)), changes_outputs=run.exit_code == 2 and not run.changes)  # noqa: PLR2004

    def show(self, plan: Path) -> dict[str, Any]:
        """A saved plan as Terraform's JSON plan representation."""
        document: dict[str, Any] = json.loads(self._run("show", "-json", str(plan.absolute())))
        return document

    def apply(
        self, on_progress: OnProgress | None = None, *, parallelism: int = 10, plan: Path | None = None
    ) -> Applied:
        """Apply without asking, `parallelism` resources at a time (Terraform's default: 10).

        `plan`: a saved plan, relative to the current directory; None: plan now, and apply that.
        """
        arguments = ["apply", "-json", "-auto-approve", f"-parallelism={parallelism}"]
        if plan is not None:
            arguments.append(str(plan.absolute()))
        return self._stream(arguments, on_progress=on_progress).applied

    def refresh(self) -> None:
        """Read the real resources into the state, so that outputs tell what is true now; change nothing."""
        self._stream(["apply", "-json", "-auto-approve", "-refresh-only"])

    def output(self) -> dict[str, Any]:
        """Every output by name, sensitive ones included; empty where nothing has been applied."""
        document = json.loads(self._run("output", "-json", "-no-color"))
        return {name: entry["value"] for name, entry in document.items()}

    def resources(self) -> tuple[str, ...]:
        """Addresses of the managed resources in the state."""
        return tuple(line for line in self._run("state", "list").splitlines() if not line.startswith("data."))

    def _check_version(self) -> str:
        """The platform to install providers for, like linux_amd64. Raises TerraformMissingError."""
        document = json.loads(self._run("version", "-json"))
        version = document["terraform_version"]
        if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < MINIMUM_VERSION:
            raise TerraformMissingError(f"terraform {version} is too old: {_how_to_get()}")
        return str(document["platform"])

    def _command(self, arguments: tuple[str, ...] | list[str]) -> list[str]:
        executable = shutil.which("terraform", path=self._environment.get("PATH"))
        if executable is None:
            raise TerraformMissingError(f"terraform is not on PATH: {_how_to_get()}")
        return [executable, *arguments]

    def _run(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> str:
        child = subprocess.run(
            self._command(arguments),
            cwd=self.stack,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            umask=private.UMASK,
        )
        if child.returncode not in allowed:
            raise TerraformFailedError(arguments[0], self.stack, (plain(child.stderr or child.stdout),))
        return child.stdout

    def _stream(
        self, arguments: list[str], allowed: tuple[int, ...] = (0,), on_progress: OnProgress | None = None
    ) -> Run:
        run = Run()
        # A session of its own, so that Ctrl-C reaches Terraform once: at a second one it drops its state.
        with subprocess.Popen(
            self._command(arguments),
            cwd=self.stack,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # States and plans tell everything. Providers that `init` keeps in a cache may be others', too.
            umask=USERS_OWN if arguments[0] == "init" else private.UMASK,
        ) as child:
            try:
                for line in child.stdout or ():
                    run.read(line)
                    if on_progress is not None:
                        on_progress(run.progress)
                run.exit_code = child.wait()
            except BaseException:
                _stop(child)
                raise
        if run.exit_code not in allowed:
            raise TerraformFailedError(arguments[0], self.stack, run.failures(), run.done)
        return run


def unattended(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` for a Terraform that nobody is watching."""
    kept = dict(environment)
    config = kept.get("TF_CLI_CONFIG_FILE")
    if config and not Path(config).is_file():  # Terraform would warn about it on every call
        del kept["TF_CLI_CONFIG_FILE"]
    return (
        {"GOGC": GARBAGE_PERCENT}
        | kept
        | {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    )


def _stop(child: subprocess.Popen[str]) -> None:
    """Interrupt Terraform once and let it save its state; end it when it doesn't come to an end."""
    child.send_signal(signal.SIGINT)
    try:
        child.communicate(timeout=INTERRUPT_GRACE_SECONDS)
    finally:
        child.kill()


def _how_to_get() -> str:
    needed = ".".join(str(number) for number in MINIMUM_VERSION)
    return f"install {needed} or newer from https://developer.hashicorp.com/terraform/install"
