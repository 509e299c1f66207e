"""Runs Terraform's commands."""

import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from safe_io import private

from bluegreen.terraform.errors import (
    TerraformFailedError,
    TerraformInterruptedError,
    TerraformMissingError,
    ending,
    plain,
)
from bluegreen.terraform.mirror import OPENTOFU_REGISTRY, REGISTRY, find_mirror
from bluegreen.terraform.process import Interrupts, OnInterrupt, lines, supervised
from bluegreen.terraform.state import State, parse
from bluegreen.terraform.stream import Applied, OnProgress, Plan, Run

EXECUTABLE = "BLUEGREEN_TERRAFORM"  # names Terraform or OpenTofu, by name on PATH or by path
MINIMUM_VERSION = (1, 11)  # of both, the first with arguments that are only written
LOCK_FILE = ".terraform.lock.hcl"
# How much garbage Terraform and its providers may leave before they collect it, unless the user says (Go's
# default: 100). A plan of the platform takes a sixth less CPU time with it, and a third more memory.
GARBAGE_PERCENT = "200"
USERS_OWN = -1  # umask, as subprocess has it
ERRORED = "errored.tfstate"  # what Terraform calls a state that it could not save
PARALLELISM = 10  # Terraform's default
OUTPUT_SECONDS = 60.0  # of a state in S3, with providers to load; a hung network must not hold up a rollback
READ_GRACE_SECONDS = 2.0  # what only reads has no state to save


class Terraform:
    """Terraform in one stack directory. `environment`: the whole of it; by default this process's own.

    A signal that would end this process interrupts Terraform, once, and raises TerraformInterruptedError when
    that has ended. `on_interrupt` gets the number of such signals at each.
    """

    def __init__(
        self,
        stack: Path,
        environment: Mapping[str, str] | None = None,
        on_interrupt: OnInterrupt = lambda _: None,
    ) -> None:
        self.stack = stack
        self._on_interrupt = on_interrupt
        self._environment = unattended(os.environ if environment is None else environment)

    def init(self, backend_config: Mapping[str, str] | None = None) -> None:
        """Install the providers that the stack names, exactly those of its lock file where it has one.

        `backend_config` completes or overrides arguments of the stack's own backend.
        """
        arguments = ["init", "-json"]
        lock, registry = self.stack / LOCK_FILE, self._registry()
        # Terraform's lock file says nothing about the providers of OpenTofu's registry.
        if lock.exists() and (registry == REGISTRY or REGISTRY not in lock.read_text(encoding="utf-8")):
            arguments.append("-lockfile=readonly")
        mirror = find_mirror(self.stack, self._check_version(), self._environment, registry=registry)
        if mirror is not None:
            arguments.append(f"-plugin-dir={mirror}")
        arguments += [f"-backend-config={key}={value}" for key, value in (backend_config or {}).items()]
        self._stream(arguments)

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
        self,
        on_progress: OnProgress | None = None,
        *,
        parallelism: int = PARALLELISM,
        plan: Path | None = None,
    ) -> Applied:
        """Apply without asking, `parallelism` resources at a time.

        `plan`: a saved plan, relative to the current directory; None: plan now, and apply that.
        """
        arguments = ["apply", "-json", "-auto-approve", f"-parallelism={parallelism}"]
        if plan is not None:
            arguments.append(str(plan.absolute()))
        return self._stream(arguments, on_progress=on_progress).applied

    def output(self) -> dict[str, Any]:
        """Every output by name, sensitive ones included; empty where nothing has been applied. It only reads,
        so it may be ended: raises TerraformFailedError after OUTPUT_SECONDS.
        """
        document = json.loads(self._run("output", "-json", "-no-color", seconds=OUTPUT_SECONDS))
        return {name: entry["value"] for name, entry in document.items()}

    def resources(self) -> tuple[str, ...]:
        """Addresses of the managed resources in the state."""
        return tuple(line for line in self._run("state", "list").splitlines() if not line.startswith("data."))

    def state(self) -> State:
        """The state, of whichever backend. Raises TerraformFailedError, also where that holds something
        else.
        """
        try:
            return parse(self._run("state", "pull"))
        except ValueError as error:
            raise TerraformFailedError("state pull", self.stack, (f"Error: {error}",)) from error

    def push_state(self, file: Path) -> None:
        """Make `file`, relative to the current directory, the state. Terraform refuses an older or foreign
        one.
        """
        self._run("state", "push", "-no-color", str(file.absolute()))

    def untaint(self, address: str) -> None:
        """Keep a resource whose creation did not finish, instead of replacing it."""
        self._run("untaint", "-no-color", address)

    def _check_version(self) -> str:
        """The platform to install providers for, like linux_amd64. Raises TerraformMissingError."""
        document = json.loads(self._run("version", "-json"))
        version = document["terraform_version"]
        if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < MINIMUM_VERSION:
            raise TerraformMissingError(f"terraform {version} is too old: {_how_to_get()}")
        return str(document["platform"])

    def _command(self, arguments: Sequence[str]) -> list[str]:
        name = self._environment.get(EXECUTABLE) or "terraform"
        executable = shutil.which(name, path=self._environment.get("PATH"))
        if executable is None:
            named = f" ({EXECUTABLE} names it)" if EXECUTABLE in self._environment else ""
            raise TerraformMissingError(f"{name} is not on PATH{named}: {_how_to_get()}")
        return [str(Path(executable).absolute()), *arguments]

    def _registry(self) -> str:
        """The host of sources that name none: OpenTofu, by the name of its executable, has its own."""
        (executable,) = self._command([])
        return OPENTOFU_REGISTRY if Path(executable).name.startswith("tofu") else REGISTRY

    def _run(self, *arguments: str, allowed: tuple[int, ...] = (0,), seconds: float | None = None) -> str:
        said, exit_code, late = "", 0, False
        with tempfile.TemporaryFile() as errors:
            with Interrupts() as interrupts, self._supervised(arguments, errors.fileno(), seconds) as child:
                try:
                    said = "".join(lines(child, interrupts, self._on_interrupt, seconds))
                    exit_code = child.wait()
                except TimeoutError:
                    late = True
            errors.seek(0)
            complaint = errors.read().decode(errors="replace")
        command = " ".join(itertools.takewhile(lambda word: word.isalpha(), arguments))
        if interrupts.count:
            raise TerraformInterruptedError(command, self.stack, ())
        if late or exit_code not in allowed:
            why = f"Error: no answer within {seconds:g} s" if late else ""
            why = why or ending(exit_code) or plain(complaint or said)
            raise TerraformFailedError(command, self.stack, (why,))
        return said

    def _stream(
        self,
        arguments: list[str],
        allowed: tuple[int, ...] = (0,),
        on_progress: OnProgress | None = None,
    ) -> Run:
        run = Run()
        with Interrupts() as interrupts, self._supervised(arguments, subprocess.STDOUT) as child:
            for line in lines(child, interrupts, self._on_interrupt):
                run.read(line)
                if on_progress is not None:
                    on_progress(run.progress)
            run.exit_code = child.wait()
        if interrupts.count:
            kind: type[TerraformFailedError] = TerraformInterruptedError
        elif run.exit_code not in allowed:
            kind = TerraformFailedError
        else:
            return run
        unsaved = self._unsaved(run.state)
        raise kind(arguments[0], self.stack, run.failures(), run.begun, unsaved)

    def _unsaved(self, state: str | None) -> Path | None:
        """The file with the state that Terraform could not save; `state`: that state, if it found no file
        for it.
        """
        file = self.stack / ERRORED
        if state is None:
            return file if file.exists() else None
        descriptor, name = tempfile.mkstemp(prefix="errored-", suffix=".tfstate")  # which others can't read
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(state)
        return Path(name)

    def _supervised(
        self, arguments: Sequence[str], stderr: int, seconds: float | None = None
    ) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        # States and plans tell everything. Providers that `init` keeps in a cache may be other users', too.
        umask = USERS_OWN if arguments[0] == "init" else private.UMASK
        grace = None if seconds is None else READ_GRACE_SECONDS
        command = self._command(arguments)
        return supervised(command, self.stack, self._environment, stderr, umask=umask, grace=grace)


def unattended(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` for a Terraform without a terminal."""
    kept = dict(environment)
    config = kept.get("TF_CLI_CONFIG_FILE")
    if config and not Path(config).is_file():  # Terraform would warn about it on every call
        del kept["TF_CLI_CONFIG_FILE"]
    return (
        {"GOGC": GARBAGE_PERCENT}
        | kept
        | {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    )


def _how_to_get() -> str:
    needed = ".".join(str(number) for number in MINIMUM_VERSION)
    return f"install {needed} or newer from https://developer.hashicorp.com/terraform/install"
