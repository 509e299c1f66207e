"""Text of the configuration is data: Terraform reads what the operator typed and evaluates none of it."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
from cdktf import App
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.terraform import Terraform
from modules.config import Deployment
from modules.config.loader import ConfigurationError, load
from modules.foundation.terraform_text import literal
from modules.stack import BlueGreenStack
from tests.stack_reader import Stack
from tests.workspaces import ROOT

CHARACTERS = st.characters(
    exclude_characters=[chr(c) for c in (*range(9), *range(11, 32), 127)], codec="utf-8"
)
SHIPPED = (ROOT / "config" / "staging.toml").read_text(encoding="utf-8")
CODE = (
    "$",
    "%",
    "{",
    "}",
    "${",
    "%{",
    "$${",
    "%%{",
    "~}",
    '"',
    "\\",
    "\n",
    "aws_lb.x.arn",
    " if true",
    "é",
    "a",
)
TEMPLATES = (
    "curl ${HOST}", "${aws_lb.load-balancer_load-balancer_0A1B2C3D.dns_name}", "%{if true}a%{endif}", "$${x}",
    "%%{x}", "$$$${x}", "%${x}", "$%{x}", "${", "%{", "$", '${"a"}', "${file(\"/etc/passwd\")}", "#{x} &{x}",
)  # fmt: skip


def with_health_command(directory: Path, *command: str) -> Deployment:
    """The configuration of staging with another health command for blue."""
    line = f"health_command = {json.dumps(command)}"
    text = re.sub("^health_command = .*$", lambda _: line, SHIPPED, count=1, flags=re.MULTILINE)
    (directory / "staging.toml").write_text(text, encoding="utf-8")
    (deployment,) = load(directory)
    return deployment


def evaluated(directory: Path, texts: list[str]) -> list[str]:
    """What Terraform makes of each text in its JSON syntax, by outputs of a stack without any provider."""
    outputs = {f"o{index}": {"value": text} for index, text in enumerate(texts)}
    (directory / "main.tf.json").write_text(json.dumps({"output": outputs}), encoding="utf-8")
    terraform = Terraform(directory)
    terraform.init()
    terraform.apply()
    found = terraform.output()
    return [found[name] for name in outputs]


@pytest.mark.integration
def test_terraform_reads_what_was_typed(tmp_path: Path) -> None:
    drawn: list[str] = []

    @settings(max_examples=400, database=None)
    @given(st.lists(st.sampled_from(CODE) | st.text(CHARACTERS, max_size=3), max_size=8).map("".join))
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    texts = [unicodedata.normalize("NFC", text) for text in (*TEMPLATES, *drawn)]  # as Terraform does

    assert evaluated(tmp_path, [literal(text) for text in texts]) == texts


@pytest.mark.integration
def test_without_the_escape_terraform_would_evaluate_it(tmp_path: Path) -> None:
    assert evaluated(tmp_path, ['${"a"}b']) == ["ab"]


def test_no_text_of_a_configuration_is_left_out(tmp_path: Path) -> None:
    deployment = with_health_command(tmp_path, "sh", "-c", "curl ${HOST} %{x}")
    hostile = deployment.model_copy(update={"region": "${a}"})

    escaped = literal(hostile)

    assert escaped.region == "$${a}"
    assert escaped.colours.blue.service.health_command == ("sh", "-c", "curl $${HOST} %%{x}")
    assert escaped.colours.green == deployment.colours.green
    assert escaped.vpc_cidr == deployment.vpc_cidr


@pytest.mark.integration
def test_a_health_command_reaches_the_container_as_typed(tmp_path: Path) -> None:
    deployment = with_health_command(tmp_path, *TEMPLATES)
    app = App(outdir=str(tmp_path / "out"))
    BlueGreenStack(app, deployment)
    app.synth()
    file = tmp_path / "out" / "stacks" / "staging" / "cdk.tf.json"
    stack = Stack(json.loads(file.read_text(encoding="utf-8")))

    definitions = stack.at("blue-fargate/task-definition")["container_definitions"]
    # Its own references are to other resources: put a text where Terraform puts their values.
    alone = re.sub(r"(?<!\$)\$\{aws_\w+\.[\w-]+\.\w+\}", "x", definitions)
    (container,) = json.loads(evaluated(tmp_path, [alone])[0])

    assert container["healthCheck"]["command"] == ["CMD", *TEMPLATES]


@pytest.mark.parametrize("text", ["${TfToken[TOKEN.1]}", "a TfToken[ b", "#{TfToken[TOKEN.0]}"])
def test_a_token_of_cdktf_is_refused(tmp_path: Path, text: str) -> None:
    """It would become the value of whatever has that number in the synthesis, escaped or not."""
    with pytest.raises(ConfigurationError) as caught:
        with_health_command(tmp_path, "/app/health", text)

    (mistake,) = caught.value.mistakes
    assert "staging.toml: colours.blue.service.health_command = " in mistake
    assert "TfToken" in mistake


@pytest.mark.parametrize("text", ["a\rb", "a\x00b", "\x1b[31m", "\x7f"])
def test_a_control_character_is_refused_and_shown_escaped(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_health_command(tmp_path, "/app/health", text)

    (mistake,) = caught.value.mistakes
    assert "holds the control character '\\" in mistake
    assert text not in mistake
