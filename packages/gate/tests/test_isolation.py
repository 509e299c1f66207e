"""What is around a scan has no influence on it: variables, configuration files, the network, other checks."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from packages.gate.tests.builder import PLAIN_GROUP, UNENCRYPTED, allow, policy, write

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
# Each of them changes what Checkov evaluates, or how.
HOSTILE = {
    "CHECKOV_ENABLE_FOREACH_HANDLING": "False",
    "CHECKOV_RENDER_MAX_LEN": "1",
    "CHECKOV_GRAPH_FRAMEWORK": "NETWORKX",
    "CHECKOV_EXPERIMENTAL_CROSS_VARIABLE_EDGES": "False",
    "CHECKOV_CHECK_FAIL_LEVEL": "WARNING",
    "CKV_IGNORED_DIRECTORIES": "stacks",
    "CKV_IGNORE_HIDDEN_DIRECTORIES": "not a boolean",
    "CKV_SKIP_CHECK": "CKV_AWS_158",
    "RENDER_ASYNC_MAX_WORKERS": "not a number",
    "LOG_LEVEL": "DEBUG",
    "BC_API_KEY": "x",
}
SCAN = """
    import socket, sys

    def refuse(*arguments, **options):
        sys.stderr.write(f"NETWORK {arguments!r}\\n")
        raise OSError("no network")

    socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
    sys.argv[1:1] = ["scan"]
    import typer
    from bluegreen.cli.scan import scan
    app = typer.Typer()
    app.command()(scan)
    app.command("other")(lambda: None)
    app()
"""


def run(output: Path, directory: Path, **variables: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, JSON report and stderr of the command, in a process of its own without a network."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-c", dedent(SCAN), str(output), "--format", "json=-"]
    done = subprocess.run(
        command, env=environment, cwd=directory, capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def defects(directory: Path) -> Path:
    """A stack whose defects need the graph, the renderer, and the analysis of policies to be found."""
    resources = {
        "aws_cloudwatch_log_group": {"group": PLAIN_GROUP},
        "aws_iam_policy": {
            "p": {"policy": policy(allow(Action="iam:*"))},
            "q": {"policy": "${aws_iam_policy.p.policy}"},
        },
        "aws_rds_cluster": {"c": {"engine": "aurora-mysql", "storage_encrypted": '${tobool("false")}'}},
        "aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}},
    }
    return write(directory / "cdktf.out", resource=resources)


def test_variables_and_configuration_files_change_nothing(tmp_path: Path) -> None:
    output = defects(tmp_path)
    plain = run(output, tmp_path)
    for directory in (tmp_path, output, output / "stacks/payments"):
        (directory / ".checkov.yaml").write_text("skip-check: [CKV_AWS_158]\ncompact: true\n")
        (directory / ".checkov.yml").write_text("soft-fail: true\n")
    hostile = run(output, tmp_path, **HOSTILE)
    assert plain[:2] == hostile[:2]
    assert plain[0] == 1
    assert len(plain[1]["findings"]) > 10


def test_no_network_is_tried_and_none_is_needed(tmp_path: Path) -> None:
    code, report, errors = run(
        write(tmp_path / "cdktf.out", resource={"aws_cloudwatch_log_group": {"group": PLAIN_GROUP}}), tmp_path
    )
    assert code == 1
    assert UNENCRYPTED in {(finding["policy"], finding["resource"]) for finding in report["findings"]}
    assert report["errors"] == []
    assert "NETWORK" not in errors
