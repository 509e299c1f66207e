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
from modules.config_loader import ConfigurationError, load
from modules.stack import BlueGreenStack
from modules.synthesis import PROVIDER_LOCK
from tests.conftest import CASES
from tests.modules.generated import Document, configurations, toml
from tests.workspaces import ROOT

pytestmark = pytest.mark.integration

MANY = 520
HEAD = re.compile(r"\S+\.toml: (name|\w+(\.\w+)*) (= |is missing)")


def test_each_fails_here_with_file_and_key_or_passes_terraform_validate(
    tmp_path: Path, record_property: Any
) -> None:
    accepted = _accepted(tmp_path)
    record_property(CASES, MANY)
    assert len(accepted) > MANY / 10  # else it proves little
    stacks = _synthesized(tmp_path / "out", accepted)

    _together(tmp_path / "validated", stacks)
    terraform = Terraform(tmp_path / "validated")
    terraform.init()
    terraform.validate()


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
        terraform.validate()


def _accepted(directory: Path) -> dict[str, Deployment]:
    """What the loader takes of MANY configurations; of all others it says file and key."""
    found: dict[str, Deployment] = {}
    seen = iter(range(10 * MANY))

    @settings(max_examples=MANY, database=None)
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
    """A root module with what the stacks have, so that one process validates them all.

    A module for each set of resources, with its first stack whole; of the others, beside it, the blocks that
    no stack before had: what they refer to is there, and a validation doesn't know the values of references.
    """
    modules: dict[tuple[str, ...], dict[str, Any]] = {}
    seen: dict[tuple[str, ...], set[str]] = {}
    for key, stack in stacks.items():
        blocks = [(type_, name) for type_, named in stack["resource"].items() for name in named]
        identity = tuple(sorted(map(".".join, blocks)))
        whole = identity not in modules
        module = modules.setdefault(
            identity, {k: v for k, v in stack.items() if k in ("resource", "data", "output")}
        )
        for type_, name in blocks:
            block = stack["resource"][type_][name]
            text = f"{type_} {json.dumps({k: v for k, v in block.items() if k != '//'}, sort_keys=True)}"
            if not whole and text not in seen[identity]:
                module["resource"][type_][f"{name}_{key}"] = block
            seen.setdefault(identity, set()).add(text)
    required = next(iter(stacks.values()))["terraform"]["required_providers"]
    for index, module in enumerate(modules.values()):
        place = directory / f"m{index}"
        place.mkdir(parents=True)
        module["terraform"] = {"required_providers": required}
        (place / "main.tf.json").write_text(json.dumps(module), encoding="utf-8")
    sources = {place.name: {"source": f"./{place.name}"} for place in directory.iterdir()}
    root = {"terraform": {"required_providers": required}, "module": sources}
    (directory / "main.tf.json").write_text(json.dumps(root), encoding="utf-8")
    shutil.copyfile(PROVIDER_LOCK, directory / ".terraform.lock.hcl")
