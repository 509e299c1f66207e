"""The real Terraform on stacks of `terraform_data`, which is built in: no provider, no network."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bluegreen.terraform import (
    Applied,
    Begun,
    Change,
    Plan,
    Progress,
    Terraform,
    TerraformFailedError,
    TerraformInterruptedError,
    TerraformMissingError,
    process,
    runner,
)
from bluegreen.terraform.mirror import OPENTOFU_REGISTRY, find_mirror
from bluegreen.terraform.runner import unattended
from bluegreen.terraform.stream import Run
from tests.applies import processes
from tests.terraform_commands import NO_CHANGE, refresh, validate

AWS = {"terraform": {"required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}}}
PLATFORM = "linux_amd64"
IMPLIED = {
    "linux": [".terraform.d/plugins", ".local/share/terraform/plugins", "xdg/terraform/plugins"],
    "darwin": [".terraform.d/plugins", "Library/Application Support/io.terraform/plugins"],
}

Write = Callable[[Mapping[str, Any]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a stack whose state is kept beside it, as the synthesis does, and returns its directory."""

    def write_stack(document: Mapping[str, Any]) -> Path:
        stack = tmp_path / "stack"
        stack.mkdir(exist_ok=True)
        backend = {"backend": {"local": {"path": "../state/terraform.tfstate"}}}
        whole = {**document, "terraform": {**backend, **document.get("terraform", {})}}
        (stack / "cdk.tf.json").write_text(json.dumps(whole))
        return stack

    return write_stack


def data(**inputs: object) -> dict[str, Any]:
    return {"resource": {"terraform_data": {name: {"input": value} for name, value in inputs.items()}}}


def with_command(command: str) -> dict[str, Any]:
    """A stack of two resources; the second one runs `command` after the first."""
    document = data(first="1")
    document["resource"]["terraform_data"]["second"] = {
        "input": "${terraform_data.first.output}",
        "provisioner": [{"local-exec": {"command": command}}],
    }
    return document


@pytest.mark.integration
def test_a_stack_is_applied_and_applied_again_without_change(write: Write) -> None:
    document = data(a="1", b="2") | {
        "output": {"sum": {"value": [1, 2]}, "key": {"value": "k", "sensitive": True}}
    }
    terraform = Terraform(write(document))
    terraform.init()
    validate(terraform)
    assert terraform.plan() == Plan(
        (Change("terraform_data.a", "create"), Change("terraform_data.b", "create")), changes_outputs=False
    )
    seen: list[Progress] = []

    assert terraform.apply(seen.append) == Applied(added=2, changed=0, removed=0)

    assert (seen[-1].done, seen[-1].total) == (2, 2)
    assert [(p.done, p.total) for p in seen] == sorted((p.done, p.total) for p in seen)
    assert terraform.output() == {"sum": [1, 2], "key": "k"}
    assert terraform.resources() == ("terraform_data.a", "terraform_data.b")
    assert terraform.plan() == NO_CHANGE
    assert terraform.apply() == Applied(0, 0, 0)


@pytest.mark.integration
def test_a_replacement_counts_as_two_steps(write: Write) -> None:
    terraform = Terraform(write(data(a="1")))
    terraform.init()
    terraform.apply()
    replaced = data(a="1")
    replaced["resource"]["terraform_data"]["a"]["triggers_replace"] = "now"
    terraform = Terraform(write(replaced))
    assert terraform.plan().changes == (Change("terraform_data.a", "replace"),)
    seen: list[Progress] = []
    assert terraform.apply(seen.append) == Applied(added=1, changed=0, removed=1)
    assert seen[-1] == Progress(done=2, total=2)


def test_progress_names_what_terraform_has_been_at_for_longest() -> None:
    run = Run()

    def told(kind: str, address: str, **more: object) -> Progress:
        hook = {"resource": {"addr": address}, "action": "create", **more}
        run.read(json.dumps({"type": kind, "hook": hook}))
        return run.progress

    assert told("apply_start", "a") == Progress(0, 0, "a", 0)
    assert told("apply_start", "b") == Progress(0, 0, "a", 0)
    assert told("apply_progress", "a", elapsed_seconds=10) == Progress(0, 0, "a", 10)
    assert told("apply_complete", "a") == Progress(1, 0, "b", 0)
    assert told("apply_errored", "b") == Progress(1, 0)


@pytest.mark.integration
def test_a_plan_of_outputs_alone_changes_no_resource(write: Write) -> None:
    terraform = Terraform(write(data(a="1")))
    terraform.init()
    terraform.apply()
    plan = Terraform(write(data(a="1") | {"output": {"new": {"value": "x"}}})).plan()
    assert plan == Plan((), changes_outputs=True)
    assert plan != NO_CHANGE
    assert Terraform(terraform.stack).output() == {}
    refresh(terraform)
    assert terraform.output() == {"new": "x"}


@pytest.mark.integration
def test_a_saved_plan_can_be_shown(write: Write, tmp_path: Path) -> None:
    terraform = Terraform(write(data(a="1")))
    terraform.init()
    terraform.plan(out=tmp_path / "plan")
    changes = terraform.show(tmp_path / "plan")["resource_changes"]
    assert [(c["address"], c["change"]["actions"]) for c in changes] == [("terraform_data.a", ["create"])]


@pytest.mark.integration
def test_the_backend_can_be_completed_at_init(write: Write, tmp_path: Path) -> None:
    terraform = Terraform(write(data(a="1")))
    terraform.init(backend_config={"path": str(tmp_path / "elsewhere.tfstate")})
    terraform.apply()
    assert (tmp_path / "elsewhere.tfstate").exists()
    assert not (tmp_path / "state").exists()


@pytest.mark.integration
def test_an_invalid_stack_is_told_with_its_place(write: Write) -> None:
    terraform = Terraform(write({"resource": {"terraform_data": {"a": {"inputt": "1"}}}}))
    terraform.init()
    with pytest.raises(TerraformFailedError) as caught:
        validate(terraform)
    assert caught.value.diagnostics == (
        "Error: Extraneous JSON object property\n"
        "  with cdk.tf.json:1\n"
        '  No argument or block type is named "inputt". Did you mean "input"?',
    )


@pytest.mark.integration
def test_a_failed_apply_tells_the_resource_and_what_was_done_before(write: Write) -> None:
    terraform = Terraform(write(with_command("exit 3")))
    terraform.init()
    with pytest.raises(TerraformFailedError) as caught:
        terraform.apply()
    assert caught.value.begun == Begun(1, ("terraform_data.second",))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.splitlines()[:2] == [
        "Error: local-exec provisioner error",
        "  with terraform_data.second, cdk.tf.json:1",
    ]
    assert "exit status 3" in diagnostic
    assert str(caught.value).startswith(f"terraform apply failed in {terraform.stack}\nError: local-exec")


@pytest.mark.integration
def test_a_command_without_json_errors_is_told_as_plain_text(write: Write) -> None:
    with pytest.raises(TerraformFailedError) as caught:
        Terraform(write(data(a="1"))).output()
    (text,) = caught.value.diagnostics
    assert text.startswith('Error: Backend initialization required, please run "terraform init"\nReason: ')
    assert not {"\x1b", "│", "╷"} & set(text)


@pytest.mark.integration
def test_providers_are_those_of_the_lock_file_and_no_others(write: Write, tmp_path: Path) -> None:
    version = subprocess.run(["terraform", "version", "-json"], capture_output=True, check=True)  # noqa: S607
    platform = json.loads(version.stdout)["platform"]
    provider = (
        tmp_path
        / f"mirror/registry.terraform.io/hashicorp/fake/1.0.0/{platform}/terraform-provider-fake_v1.0.0"
    )
    provider.parent.mkdir(parents=True)
    provider.write_text("one")
    stack = write(
        {"terraform": {"required_providers": {"fake": {"source": "hashicorp/fake", "version": "1.0.0"}}}}
    )
    terraform = Terraform(stack, {**os.environ, "TF_PLUGIN_DIR": str(tmp_path / "mirror")})
    terraform.init()
    lock = stack / ".terraform.lock.hcl"
    assert "hashicorp/fake" in lock.read_text()

    lock.write_text("# The repository's lock file lacks a provider.\n")

    with pytest.raises(TerraformFailedError, match="Provider dependency changes detected"):
        terraform.init()
    assert lock.read_text() == "# The repository's lock file lacks a provider.\n"


@pytest.mark.integration
def test_terraform_is_out_of_reach_of_the_terminals_signals(write: Write) -> None:
    probe = f"{sys.executable} -c 'import os; print(os.getsid(0))' > session"
    terraform = Terraform(write(with_command(probe)))
    terraform.init()
    terraform.apply()
    assert int((terraform.stack / "session").read_text()) != os.getsid(0)


@pytest.mark.integration
def test_an_interrupt_lets_terraform_save_its_state(write: Write, tmp_path: Path) -> None:
    started = tmp_path / "started"
    stack = write(with_command(f"touch '{started}'; exec tail -f /dev/null"))
    Terraform(stack).init()
    script = (
        "import sys; from pathlib import Path; from bluegreen.terraform import Terraform\n"
        "Terraform(Path(sys.argv[1])).apply(lambda p: print(p.done, p.address, flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(stack)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        while child.stdout.readline().strip() != "1 terraform_data.second":
            assert child.poll() is None
        deadline = time.monotonic() + 60
        while not started.exists():  # told is what begins: it may not have begun yet
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(child.pid, signal.SIGINT)  # what a terminal does at Ctrl-C
        _, errors = child.communicate(timeout=60)
    assert "TerraformInterruptedError: terraform apply was interrupted" in errors
    # The resource that was being made is in the state too, to be replaced; and the lock is released.
    assert Terraform(stack).resources() == ("terraform_data.first", "terraform_data.second")
    assert Terraform(stack).plan().changes == (Change("terraform_data.second", "replace"),)


HANGING = "trap '' INT; touch '{started}'; while :; do sleep 0.1; done"  # what an interrupt does not end


@pytest.mark.integration
def test_what_does_not_end_is_killed_with_its_children(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt, and the time that Terraform gets is over."""
    monkeypatch.setattr(process, "INTERRUPT_GRACE_SECONDS", 0)
    started = tmp_path / "started"
    terraform = Terraform(write(with_command(HANGING.format(started=started))))
    terraform.init()

    def interrupt(seen: Progress) -> None:
        if seen.address == "terraform_data.second":
            await_file(started)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(TerraformInterruptedError) as caught:
        terraform.apply(interrupt)
    assert caught.value.killed
    assert not caught.value.settled
    assert caught.value.begun == Begun(1, ("terraform_data.second",))
    assert [row for row in processes() if str(started) in row[2]] == []


@pytest.mark.integration
def test_children_of_a_terraform_that_was_killed_are_ended(write: Write, tmp_path: Path) -> None:
    started = tmp_path / "started"
    terraform = Terraform(write(with_command(HANGING.format(started=started))))
    terraform.init()

    killed: set[int] = set()

    def kill(seen: Progress) -> None:
        if seen.address == "terraform_data.second" and not killed:
            await_file(started)
            rows = [row for row in processes() if row[2].startswith("/bin/sh") and str(started) in row[2]]
            killed.update(row[1] for row in rows)
            os.kill(rows[0][1], signal.SIGKILL)

    with pytest.raises(TerraformFailedError, match="Terraform was killed by SIGKILL"):
        terraform.apply(kill)
    assert [row for row in processes() if str(started) in row[2]] == []


def await_file(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def told(*diagnostics: dict[str, Any]) -> tuple[str, ...]:
    run = Run()
    for diagnostic in diagnostics:
        run.read(json.dumps({"type": "diagnostic", "diagnostic": {"severity": "error", **diagnostic}}))
    return run.failures()


def test_equal_errors_are_told_once_with_a_count_and_all_places() -> None:
    full = {"summary": "Failed to write state", "detail": "no space left on device"}
    assert told(full, {**full, "address": "aws_lb.a"}, full, {"summary": "other"}) == (
        "Error: Failed to write state (3 times)\n  with aws_lb.a\n  no space left on device",
        "Error: other",
    )


def test_how_to_recover_comes_first() -> None:
    push = {"summary": "Failed to persist state", "detail": "use\n    terraform state push errored.tfstate"}
    assert told({"summary": "Failed to write state"}, push)[0].startswith("Error: Failed to persist state\n")


def test_of_a_cancelled_call_only_the_address_is_told() -> None:
    said = ("Error: waiting for it: context canceled\n  with aws_lb.a", "Error: something else")
    error = TerraformInterruptedError("apply", Path("x"), said, Begun(1, ("aws_lb.a",)))
    assert str(error) == "terraform apply was interrupted in x\nError: something else"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            None,
            "terraform is not on PATH: install 1.11 or newer from https://developer.hashicorp.com/terraform/install",
        ),
        (
            'echo \'{"terraform_version": "1.9.8", "platform": "linux_amd64"}\'',
            "terraform 1.9.8 is too old: install 1.11 or newer from https://developer.hashicorp.com/terraform/install",
        ),
    ],
    ids=["missing", "too old"],
)
@pytest.mark.integration
def test_a_terraform_that_is_no_use_is_told_in_one_line(
    write: Write, tmp_path: Path, script: str | None, message: str
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    if script is not None:
        (folder / "terraform").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "terraform").chmod(0o755)
    with pytest.raises(TerraformMissingError) as caught:
        Terraform(write(data(a="1")), {"PATH": str(folder)}).init()
    assert str(caught.value) == message


@pytest.mark.integration
@pytest.mark.parametrize("name", ["tofu", "terraform-1.11"])
@pytest.mark.parametrize("by_path", [True, False])
def test_another_executable_is_named_by_configuration(
    write: Write, tmp_path: Path, name: str, by_path: bool
) -> None:
    (tmp_path / "bin").mkdir()
    executable = tmp_path / "bin" / name
    real = shutil.which("terraform")
    executable.write_text(f'#!/bin/sh\necho "$1" >> "{tmp_path}/calls"\nexec "{real}" "$@"\n')
    executable.chmod(0o755)
    named = {
        "PATH": f"{executable.parent}:{os.environ['PATH']}",
        "BLUEGREEN_TERRAFORM": os.path.relpath(executable) if by_path else name,
    }
    terraform = Terraform(write(data(a="1")), os.environ | named)
    terraform.init()
    terraform.apply()
    assert (tmp_path / "calls").read_text().splitlines() == ["version", "init", "apply"]


def test_a_named_executable_that_is_missing_is_named_in_the_error(write: Write, tmp_path: Path) -> None:
    named = {"PATH": str(tmp_path), "BLUEGREEN_TERRAFORM": "tofu"}
    with pytest.raises(
        TerraformMissingError, match=r"^tofu is not on PATH \(BLUEGREEN_TERRAFORM names it\): "
    ):
        Terraform(write(data(a="1")), named).init()


@pytest.mark.integration
@pytest.mark.parametrize(
    ("name", "host", "readonly"),
    [
        ("terraform", "registry.terraform.io", True),
        ("tofu", "registry.opentofu.org", True),
        ("tofu", "registry.terraform.io", False),
    ],
)
def test_a_lock_file_holds_for_the_registry_that_it_names(
    write: Write, tmp_path: Path, name: str, host: str, readonly: bool
) -> None:
    executable = tmp_path / name
    version = json.dumps({"terraform_version": "1.11.0", "platform": PLATFORM})
    executable.write_text(f"#!/bin/sh\necho \"$@\" >> '{tmp_path}/calls'\necho '{version}'\n")
    executable.chmod(0o755)
    stack = write(data(a="1"))
    (stack / ".terraform.lock.hcl").write_text(f'provider "{host}/hashicorp/aws" {{}}\n')
    Terraform(stack, os.environ | {"BLUEGREEN_TERRAFORM": str(executable)}).init()
    assert ("-lockfile=readonly" in (tmp_path / "calls").read_text()) == readonly


@pytest.mark.integration
def test_a_configuration_file_that_is_not_there_is_not_named_to_terraform(
    write: Write, tmp_path: Path
) -> None:
    terraform = Terraform(write(data(a="1")), {**os.environ, "TF_CLI_CONFIG_FILE": str(tmp_path / "none.rc")})
    terraform.init()
    terraform.apply()
    assert terraform.resources() == ("terraform_data.a",)


def test_how_much_garbage_it_may_leave_is_the_users_to_say() -> None:
    assert unattended({})["GOGC"] == "200"
    assert unattended({"GOGC": "50"})["GOGC"] == "50"


def mirror(root: Path, version: str = "5.100.0", platform: str = PLATFORM) -> Path:
    (root / "registry.terraform.io/hashicorp/aws" / version / platform).mkdir(parents=True)
    return root


def environment(home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), "XDG_DATA_DIRS": str(home / "xdg"), **more}


class TestMirror:
    """Which directory providers are installed from."""

    def test_an_explicit_directory_wins(self, write: Write, tmp_path: Path) -> None:
        mirror(tmp_path / "opt" / "plugins")
        given = environment(tmp_path, TF_PLUGIN_DIR=str(tmp_path / "mine"))
        assert find_mirror(write(AWS), PLATFORM, given, tmp_path / "opt") == tmp_path / "mine"

    @pytest.mark.parametrize("implied", IMPLIED[sys.platform])
    def test_an_implied_directory_is_left_to_terraform(
        self, write: Write, tmp_path: Path, implied: str
    ) -> None:
        mirror(tmp_path / "opt" / "plugins")
        mirror(tmp_path / implied)
        assert find_mirror(write(AWS), PLATFORM, environment(tmp_path), tmp_path / "opt") is None

    def test_a_directory_under_opt_is_found(self, write: Write, tmp_path: Path) -> None:
        mirror(tmp_path / "opt" / "a-older", version="5.99.0")
        mirror(tmp_path / "opt" / "b-foreign", platform="plan9_amd64")
        found = mirror(tmp_path / "opt" / "c-plugins")
        assert find_mirror(write(AWS), PLATFORM, environment(tmp_path), tmp_path / "opt") == found

    def test_the_packed_layout_counts_too(self, write: Write, tmp_path: Path) -> None:
        packed = tmp_path / "opt/plugins/registry.terraform.io/hashicorp/aws"
        packed.mkdir(parents=True)
        (packed / "terraform-provider-aws_5.100.0_linux_amd64.zip").touch()
        assert (
            find_mirror(write(AWS), PLATFORM, environment(tmp_path), tmp_path / "opt")
            == tmp_path / "opt/plugins"
        )

    def test_a_mirror_must_hold_every_provider(self, write: Write, tmp_path: Path) -> None:
        mirror(tmp_path / "opt" / "plugins")
        providers = {
            **AWS["terraform"]["required_providers"],
            "tls": {"source": "hashicorp/tls", "version": "4.0.6"},
        }
        stack = write({"terraform": {"required_providers": providers}})
        assert find_mirror(stack, PLATFORM, environment(tmp_path), tmp_path / "opt") is None

    def test_opentofu_has_a_registry_of_its_own(self, write: Write, tmp_path: Path) -> None:
        found = mirror(tmp_path / "opt" / "plugins")
        given, stack, opt = environment(tmp_path), write(AWS), tmp_path / "opt"
        assert find_mirror(stack, PLATFORM, given, opt, OPENTOFU_REGISTRY) is None
        (found / "registry.terraform.io").rename(found / OPENTOFU_REGISTRY)
        assert find_mirror(stack, PLATFORM, given, opt, OPENTOFU_REGISTRY) == found

    def test_without_any_it_is_the_registry(self, write: Write, tmp_path: Path) -> None:
        assert find_mirror(write(AWS), PLATFORM, environment(tmp_path), tmp_path / "opt") is None


@pytest.mark.integration
def test_outputs_that_do_not_come_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that does not answer must not keep an operator from being told."""
    (tmp_path / "terraform").write_text("#!/bin/sh\ntrap '' INT\nexec sleep 600\n")
    (tmp_path / "terraform").chmod(0o700)
    monkeypatch.setattr(runner, "OUTPUT_SECONDS", 0.2)
    monkeypatch.setattr(runner, "READ_GRACE_SECONDS", 0.1)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    with pytest.raises(TerraformFailedError, match=r"no answer within 0\.2 s"):
        Terraform(tmp_path, {**os.environ, "PATH": path}).output()
