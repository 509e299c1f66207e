"""Plans `local` as CDK Terrain synthesizes it, with AWS provider 6, on an embedded AWS of its own.

    python -m tools.terrain.plan

Exit code 0: planned; 1: not. Nothing is applied, and no state is read or written.
"""

import os
import sys
import tempfile
from pathlib import Path

import embedded_aws
from trimmed_bindings import TERRAIN

from bluegreen.terraform import Terraform, TerraformError
from bluegreen.terraform.runner import LOCK_FILE
from tools.terrain.synthesis import ROOT, SynthesisError, synthesize

DEPLOYMENT = "local"
OWN_BACKEND = '{"terraform": {"backend": {"local": {}}}}'


def main() -> int:
    """Synthesizes into a directory of its own, and plans there."""
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory, "out")
        try:
            synthesize(TERRAIN, ROOT, output, DEPLOYMENT=DEPLOYMENT)
        except SynthesisError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        stack = output / "stacks" / DEPLOYMENT
        (stack / LOCK_FILE).unlink()  # holds provider 5's checksums
        return plan(stack, Path(directory, "aws"))


def plan(stack: Path, aws_directory: Path) -> int:
    """Plans a stack without state; the embedded AWS gets `aws_directory`. Returns the exit code."""
    (stack / "backend_override.tf.json").write_text(OWN_BACKEND, encoding="utf-8")
    try:
        Terraform(stack).init()
    except TerraformError as error:
        return _failed(
            "its providers can't be installed",
            error,
            "run it where the Terraform registry can be reached, or with a directory that holds "
            "registry.terraform.io/hashicorp/aws/VERSION: TF_PLUGIN_DIR=DIRECTORY make terrain-plan",
        )
    with embedded_aws.running(aws_directory) as aws:
        try:
            planned = Terraform(stack, os.environ | aws.variables()).plan()
        except TerraformError as error:
            return _failed(
                "terraform plan failed", error, "correct the constructs; docs/terrain.md names what changed"
            )
    sys.stdout.write(f"planned: {len(planned.changes)} changes\n")
    return 0


def _failed(what: str, error: TerraformError, fix: str) -> int:
    sys.stderr.write(
        f"error: no plan of {DEPLOYMENT} with CDK Terrain: {what}\n"
        f"  cause: {error}\n"
        "  state: nothing was applied, no state was read or written\n"
        f"  fix: {fix}\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
