"""Comparing what trimmed and stock bindings synthesize."""

import subprocess
import sys
from pathlib import Path

import pytest
from trimmed_bindings import BindingsError
from trimmed_bindings.verify import differences, main

from packages.bindings.tests.checkouts import REPOSITORY

pytestmark = pytest.mark.integration

# Stands for a program that synthesizes; `stock` is "0" or "1".
PROGRAM = """
import os, sys
from pathlib import Path

stock, out = os.environ["STOCK_BINDINGS"], Path(os.environ["CDKTF_OUTDIR"])
(out / "stacks").mkdir(parents=True)
(out / "stacks" / "same.json").write_text("{}")
"""


def program(*lines: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM + "\n".join(lines)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that begins empty."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def sample(cache: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command that synthesizes the sample platform on any Node's terms."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("SAMPLE_CACHE", str(cache))
    monkeypatch.delenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", raising=False)
    return [sys.executable, "-m", "packages.bindings.tests.sample_app"]


@pytest.mark.long
def test_the_sample_is_the_same_byte_for_byte(sample: list[str], tmp_path: Path) -> None:
    assert differences(sample, cwd=tmp_path) == []


def test_nothing_is_printed_while_the_sample_is_synthesized(sample: list[str], tmp_path: Path) -> None:
    """Neither a fallback of the bindings nor jsii's banner about Node."""
    result = subprocess.run(sample, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    assert (result.stdout, result.stderr) == ("", "")
    assert (tmp_path / "cdktf.out" / "stacks" / "sample" / "cdk.tf.json").exists()


def test_files_that_differ_or_are_missing_are_named() -> None:
    command = program(
        "(out / 'stacks' / 'differs.json').write_text(stock)",
        "(out / f'only-{stock}').write_text('')",
    )
    assert differences(command) == ["only-0", "only-1", "stacks/differs.json"]
    assert differences(program()) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sys.exit('no network')", "STOCK_BINDINGS=0 ended with 1:\nno network"),
        ("int(stock) and sys.exit(3)", "STOCK_BINDINGS=1 ended with 3"),
        (
            "from trimmed_bindings.activation import WARNING; sys.stderr.write(WARNING + 'why')",
            "ended with 0:\n.*: why",
        ),
        ("import shutil; shutil.rmtree(out)", "wrote nothing to CDKTF_OUTDIR"),
    ],
)
def test_a_run_that_proves_nothing_is_an_error(
    line: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with pytest.raises(BindingsError, match=message):
        differences(program(line))


@pytest.mark.parametrize(
    ("lines", "code", "printed"),
    [
        ((), 0, "the same, byte for byte\n"),
        (("(out / 'x').write_text(stock)",), 1, "differs: x\n"),
        (("sys.exit(1)",), 1, ""),
    ],
)
def test_exit_codes(
    lines: tuple[str, ...], code: int, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(program(*lines)) == code
    assert capsys.readouterr().out == printed
