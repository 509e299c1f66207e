"""`bluegreen` from any directory: `--project`, a checkout above, or the command's own."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bluegreen import __version__
from bluegreen.cli import project
from tests.bluegreen.cli.conftest import run, write_stack
from tests.workspaces import ROOT

NOT_RUNNING = "error: the embedded AWS of local is not running\n"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Later tests in this process work in their current directory again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BLUEGREEN_PROJECT", raising=False)
        yield
        project.install(None)
        patch.chdir(ROOT)
        project.use(None)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the synthesized deployment `local`, not the current directory."""
    directory = tmp_path / "checkout"
    write_stack(directory, "local", {})
    return directory


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, in no checkout."""
    directory = tmp_path / "elsewhere"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


@pytest.mark.usefixtures("elsewhere")
def test_the_named_one(checkout: Path) -> None:
    assert run("--project", str(checkout), "status").stderr.startswith(NOT_RUNNING)
    missing = run("--project", str(checkout), "status", "--deployment", "staging").stderr
    assert f"there is no {checkout}/cdktf.out/stacks/staging/cdk.tf.json\n" in missing


@pytest.mark.usefixtures("elsewhere")
def test_the_one_that_the_environment_names(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLUEGREEN_PROJECT", str(checkout))
    assert run("status").stderr.startswith(NOT_RUNNING)


def test_one_that_is_none(elsewhere: Path) -> None:
    result = run("--project", str(elsewhere), "status")
    assert result.exit_code == 2
    assert result.stderr == (
        f"error: --project {elsewhere} is no checkout of the platform: it has neither cdktf.json nor"
        " cdktf.out/stacks\n  fix: give the directory that holds cdktf.json\n"
    )


def test_the_nearest_above(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = checkout / "docs" / "adr"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert project.find(None) == Path("../..")
    assert run("status").stderr.startswith(NOT_RUNNING)
    assert "there is no ../../cdktf.out/stacks/staging/" in run("status", "-d", "staging").stderr


def test_above_only_of_this_user(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform runs what a stack says: another user's, in /tmp for example, is not taken unasked."""
    inner = checkout / "docs"
    inner.mkdir()
    monkeypatch.chdir(inner)
    monkeypatch.setattr(os, "getuid", lambda: checkout.stat().st_uid + 1)
    assert project.find(None) == Path()
    assert project.find(checkout) == checkout
    monkeypatch.chdir(checkout)
    assert project.find(None) == Path()


@pytest.mark.usefixtures("elsewhere")
def test_the_one_that_the_command_is_installed_in(checkout: Path) -> None:
    assert project.find(None) == Path()
    project.install(checkout)
    assert project.find(None) == checkout
    assert run("status").stderr.startswith(NOT_RUNNING)


@pytest.mark.integration
@pytest.mark.usefixtures("checkout")
def test_the_installed_command_finds_its_code(elsewhere: Path) -> None:
    """By a link of a link, past a module of the same name where it is called."""
    (elsewhere / "bluegreen.py").write_text("raise SystemExit(99)")
    link = elsewhere / "link"
    link.symlink_to(_installed(elsewhere / "installed"))
    version = subprocess.run([link, "--version"], cwd=elsewhere, capture_output=True, text=True, check=True)
    assert version.stdout.splitlines()[0] == f"bluegreen {__version__}"
    assert version.stdout.splitlines()[-1] == f"installed in {ROOT}"
    status = subprocess.run(
        [link, "--project", "../checkout", "status"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (status.returncode, status.stderr.startswith(NOT_RUNNING)) == (3, True)


@pytest.mark.integration
def test_a_checkout_that_is_not_set_up(tmp_path: Path) -> None:
    script = tmp_path / "scripts" / "bluegreen"
    script.parent.mkdir()
    script.write_bytes((ROOT / "scripts" / "bluegreen").read_bytes())
    script.chmod(0o755)
    result = subprocess.run([script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (
        3,
        f"error: bluegreen is not set up in {tmp_path}\n  fix: run `make -C {tmp_path} setup`\n",
    )


def _installed(link: Path) -> Path:
    """As set-up does it."""
    link.symlink_to(ROOT / "scripts" / "bluegreen")
    return link
