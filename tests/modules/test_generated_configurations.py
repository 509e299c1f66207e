"""No configuration gets past the loader that Terraform, with the provider's own validators, would refuse."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from cdktf import App
from hypothesis import given, settings

from bluegreen.terraform import Terraform, TerraformFailedError
from modules.config import Deployment
from modules.config.loader import ConfigurationError, load
from modules.stack import BlueGreenStack
from modules.synthesis import PROVIDER_LOCK
from tests.conftest import CASES
from tests.modules.generated import Document, configurations, toml
from tests.terraform_commands import validate
from tests.workspaces import ROOT

pytestmark = pytest.mark.integration

MANY = 520
HEAD = re.compile(r'\S+\.toml: (name|\w+(\.(\w+|"(\\.|[^"\\])*"))*) (= |is missing)')


@pytest.mark.parametrize("many", [MANY // 20, pytest.param(MANY, marks=pytest.mark.long)])
def test_each_fails_here_with_file_and_key_or_passes_terraform_validate(
    tmp_path: Path, record_property: Any, many: int
) -> None:
    accepted = _accepted(tmp_path, many)
    record_property(CASES, many)
    assert len(accepted) > many / 20  # else it proves little
    stacks = _synthesized(tmp_path / "out", accepted)

    _together(tmp_path / "validated", stacks)
    terraform = Terraform(tmp_path / "validated")
    terraform.init()
    validate(terraform)


def test_what_terraform_refuses_is_noticed(tmp_path: Path) -> None:
    """The same way, with a name in one of two stacks that the provider's validator refuses."""
    (local,) = load(ROOT / "config", "local")
    stacks = _synthesized(tmp_path / "out", {"a": local})
    text = json.dumps(stacks["a"])
    stacks["b"] = json.loads(
        text.replace('"name": "payments-local-green"', '"name": "payments-local--green"')
    )
    assert stacks["b"] != stacks["a"]

    _together(tmp_path / "validated", stacks)
    terraform = Terraform(tmp_path / "validated")
    terraform.init()
    with pytest.raises(TerraformFailedError, match="consecutive hyphens"):
        validate(terraform)


def _accepted(directory: Path, many: int) -> dict[str, Deployment]:
    """What the loader takes of so many configurations; of all others it says file and key."""
    found: dict[str, Deployment] = {}
    seen = iter(range(10 * many))

    @settings(max_examples=many, database=None)
    @given(configurations())
    def draw(configuration: tuple[str, Document]) -> None:
        name, document = configuration
        place = directory / f"c{next(seen)}"
        place.mkdir()
        (place / f"{name}.toml").write_text(toml(document), encoding="utf-8")
        mistakes: tuple[str, ...] = ()
        try:
            (found[place.name],) = load(place)
        except ConfigurationError as error:
            mistakes = error.mistakes or ("none",)
        assert [mistake for mistake in mistakes if not HEAD.match(mistake)] == []
        shutil.rmtree(place)

    draw()
    return found


def _synthesized(out: Path, deployments: dict[str, Deployment]) -> dict[str, dict[str, Any]]:
    """The stack of each: of equal deployments once. An app of its own each, as they may have equal names."""
    stacks: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for key, deployment in deployments.items():
        if (identity := deployment.model_dump_json()) in seen:
            continue
        seen.add(identity)
        (out / key).mkdir(parents=True)
        app = App(outdir=str(out / key))
        BlueGreenStack(app, deployment)
        app.synth()
        file = out / key / "stacks" / deployment.name / "cdk.tf.json"
        stacks[key] = json.loads(file.read_text(encoding="utf-8"))
        shutil.rmtree(out / key)
    return stacks


def _together(directory: Path, stacks: dict[str, dict[str, Any]]) -> None:
    """One module with what the stacks have, so that one process validates them all.

    It has the blocks of the first stack; of each other, beside them, those that no stack before had. What
    they refer to is there under the same name, and a validation doesn't know the values of references.
    """
    whole: dict[str, Any] = {"terraform": {}, "resource": {}}
    seen: set[str] = set()
    for key, stack in stacks.items():
        assert _dangling(stack) == set()
        whole["terraform"]["required_providers"] = stack["terraform"]["required_providers"]
        for type_, named in stack.get("ephemeral", {}).items():
            whole.setdefault("ephemeral", {}).setdefault(type_, {}).update(named)
        for type_, named in stack["resource"].items():
            blocks = whole["resource"].setdefault(type_, {})
            for name, block in named.items():
                text = json.dumps({k: v for k, v in block.items() if k != "//"}, sort_keys=True)
                if f"{type_} {text}" not in seen:
                    blocks[f"{name}_{key}" if name in blocks else name] = block
                    seen.add(f"{type_} {text}")
    directory.mkdir()
    (directory / "main.tf.json").write_text(json.dumps(whole), encoding="utf-8")
    shutil.copyfile(PROVIDER_LOCK, directory / ".terraform.lock.hcl")


def _dangling(stack: dict[str, Any]) -> set[str]:
    """References to resources that the stack doesn't have."""
    text = json.dumps(stack["resource"])
    named = {f"{type_}.{name}" for type_, found in stack["resource"].items() for name in found}
    return set(re.findall(r"(?<!\$)\$\{(aws_\w+\.[\w-]+)", text)) - named
