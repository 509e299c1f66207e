"""A deployment as files: its synthesized stack in `cdktf.out/`, its embedded AWS in `.local/`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.project import root
from lambda_src.contract.images import IMAGE

# As modules.config has it. A name becomes part of paths that `local down` deletes.
NAME = re.compile(r"[a-z][a-z0-9-]{0,15}")


@dataclass(frozen=True)
class Deployment:
    """One `config/<name>.toml`, synthesized or not. `unpacked`: another directory with its stack."""

    name: str
    unpacked: Path | None = None

    @property
    def stack(self) -> Path:
        """Where Terraform runs."""
        return self.unpacked or root() / "cdktf.out" / "stacks" / self.name

    @property
    def state(self) -> Path:
        """Where the embedded AWS and the Terraform state of a local deployment are."""
        return root() / ".local" / self.name

    @property
    def state_file(self) -> Path:
        """The Terraform state of a local deployment, as modules/foundation/backend.py names it."""
        return self.state / "terraform.tfstate"

    @property
    def resolved(self) -> Path:
        """Where an apply writes how its function is reached (resolved.py)."""
        return root() / "cdktf.out" / "functions" / f"{self.name}.json"

    def document(self) -> dict[str, Any]:
        """The synthesized Terraform JSON. Raises CommandError."""
        file = self.stack / "cdk.tf.json"
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(document, dict):
                raise ValueError("its outermost value is no object")  # noqa: TRY301, TRY004 - as the parser's
        except FileNotFoundError as error:
            raise CommandError(
                ExitCode.UNREACHABLE,
                f"{self.name} is not synthesized: there is no {file}",
                self._way_to_a_stack(),
            ) from error
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else f"not JSON of a stack: {error}"
            raise CommandError(
                ExitCode.INVALID, f"{file} can't be read: {why}", "synthesize it again with `make synth`"
            ) from error
        return document

    def _way_to_a_stack(self) -> str:
        known = sorted(path.stem for path in (root() / "config").glob("*.toml"))
        if known and self.name not in known:
            return f"name a deployment of config/: {', '.join(known)}; or write config/{self.name}.toml"
        return "run `make synth` in the checkout; elsewhere, name the checkout with `bluegreen --project`"


def is_local(document: Mapping[str, Any]) -> bool:
    """Whether the stack keeps its state in a local file: it exists in the embedded AWS and nowhere else."""
    return "local" in document.get("terraform", {}).get("backend", {})


def provider_region(document: Mapping[str, Any]) -> str:
    """The region that the stack's provider names, "" if none."""
    providers = document.get("provider", {}).get("aws") or [{}]
    return str(providers[0].get("region", ""))


def certificates(document: Mapping[str, Any]) -> tuple[str, ...]:
    """ARNs of the certificates that the listeners name; they exist before the platform does."""
    listeners = document.get("resource", {}).get("aws_lb_listener", {}).values()
    return tuple(sorted({found for listener in listeners if (found := listener.get("certificate_arn"))}))


def images(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The images of ECR, by digest, that the stack names."""
    return tuple(sorted(set(re.findall(IMAGE, json.dumps(document)))))


def clusters(document: Mapping[str, Any]) -> dict[str, str]:
    """Colour → identifier of its database cluster. One that both colours share counts as blue's."""
    found = document.get("resource", {}).get("aws_rds_cluster", {}).values()
    return {cluster.get("tags", {}).get("Colour", "blue"): cluster["cluster_identifier"] for cluster in found}


def task_families(document: Mapping[str, Any]) -> dict[str, str]:
    """The family of each colour's task definition."""
    found = document["resource"].get("aws_ecs_task_definition", {}).values()
    return {one["tags"]["Colour"]: one["family"] for one in found}


def function_timeout(document: Mapping[str, Any], name: str) -> int | None:
    """Timeout in seconds of the function called `name`, None where the stack doesn't say."""
    functions = document.get("resource", {}).get("aws_lambda_function", {}).values()
    return next((f["timeout"] for f in functions if f.get("function_name") == name and "timeout" in f), None)
