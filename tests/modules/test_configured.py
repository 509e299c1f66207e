"""What is built when the keys that the shipped configurations leave alone are set."""

from pathlib import Path

import pytest

from tests.stack_reader import Stack
from tests.workspaces import ROOT, stack_of, synthesize

pytestmark = pytest.mark.integration

TABLES = Path(__file__).with_name("configured.toml")


@pytest.fixture(scope="session")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """staging with the tables of configured.toml."""
    directory = tmp_path_factory.mktemp("configured")
    (directory / "config").mkdir()
    text = (ROOT / "config" / "staging.toml").read_text(encoding="utf-8")
    text += "\n" + TABLES.read_text(encoding="utf-8")
    (directory / "config" / "staging.toml").write_text(text, encoding="utf-8")
    (directory / "config" / "terraform.lock.hcl").write_bytes(
        (ROOT / "config" / "terraform.lock.hcl").read_bytes()
    )
    result = synthesize(directory)
    assert result.returncode == 0, result.stderr
    return Stack(stack_of(directory, "staging"))


def test_the_vault_lock_in_compliance_mode_shows_its_grace_period(configured: Stack) -> None:
    assert configured.one("aws_backup_vault_lock_configuration")["changeable_for_days"] == 14
