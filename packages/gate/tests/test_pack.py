"""The project's own checks: loaded all, or exit code 2 and the reason."""

import json
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from stack_gate import ExitCode, Severity, registries

from packages.gate.tests.builder import (
    PLAIN_GROUP,
    UNENCRYPTED,
    document,
    found,
    messages,
    scan,
    waiver,
    write,
)

PYTHON_CHECK = """
    from checkov.common.models.enums import CheckCategories, CheckResult
    from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

    URL = "https://example.com/1"

    GROUPS = ["aws_cloudwatch_log_group"]

    class NamedGroup(BaseResourceCheck):
        requirement = "R02"
        severity = "CRITICAL"
        fix = "name it"

        def __init__(self):
            super().__init__("Named", "CKV_BG_1", [CheckCategories.LOGGING], GROUPS, URL)

        def scan_resource_conf(self, conf):
            self.details = ["it has no name", "so nobody finds it"]
            return CheckResult.PASSED if "name" in conf else CheckResult.FAILED

    check = NamedGroup()
"""
GRAPH_CHECK = """
    from checkov.common.checks_infra.registry import get_graph_checks_registry
    from checkov.common.graph.checks_infra.base_check import BaseGraphCheck

    class Backed(BaseGraphCheck):
        def __init__(self):
            super().__init__()
            self.id, self.name = "CKV2_BG_1", "There is a backup plan"

        def run(self, graph):
            blocks = [vertex for _, vertex in graph.nodes()]
            self.details = {"": "there is no plan", "provider.aws": "seen"}
            self.seen = {(block.get("block_type_"), block.get("block_name_")) for block in blocks}
            providers = [block for block in blocks if block.get("block_type_") == "provider"]
            return [], [{}, *providers], []

    get_graph_checks_registry("terraform").checks.append(Backed())
"""
CLEARED = """
    from checkov.terraform.checks.resource.registry import resource_registry

    found = resource_registry.checks["aws_redshift_cluster"]
    resource_registry.checks["aws_redshift_cluster"] = [c for c in found if c.id != "CKV_AWS_64"]
"""
DECISION = 'CheckResult.PASSED if "name" in conf else CheckResult.FAILED'


def pack(directory: Path, **files: str) -> Path:
    """A package of policies."""
    directory.mkdir()
    for name, text in {"__init__": "", **files}.items():
        (directory / f"{name}.py").write_text(dedent(text))
    return directory


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A stack with one finding of a built-in check."""
    return write(tmp_path / "cdktf.out", resource={"aws_cloudwatch_log_group": {"group": PLAIN_GROUP}})


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the policies are to be."""
    return tmp_path / "policies"


def test_a_python_check_says_what_it_is_about(output: Path, directory: Path) -> None:
    report = scan(output, pack(directory, named=PYTHON_CHECK))
    assert found(report) == {UNENCRYPTED, ("CKV_BG_1", "aws_cloudwatch_log_group.group")}
    (finding,) = (finding for finding in report.findings if finding.policy == "CKV_BG_1")
    assert (finding.requirement, finding.severity) == ("R02", Severity.CRITICAL)
    assert finding.message == "it has no name; so nobody finds it"
    assert (finding.fix, finding.guideline) == ("name it", "https://example.com/1")


@pytest.mark.parametrize("text", ["a && b", "1 > 0", "max(1,2)", "C:\\new", "-1", "[1]", '{"a": 1}', "var.x"])
def test_a_literal_reaches_a_check_as_it_is_written(tmp_path: Path, directory: Path, text: str) -> None:
    """Checkov evaluates it, as if it were an expression."""
    echo = PYTHON_CHECK.replace('["it has no name", "so nobody finds it"]', "[repr(conf['name'][0])]")
    failing = pack(directory, echo=echo.replace(DECISION, "CheckResult.FAILED"))
    group = PLAIN_GROUP | {"name": [text]}
    report = scan(write(tmp_path / "out", resource={"aws_cloudwatch_log_group": {"group": group}}), failing)
    assert repr([text]) in {finding.message for finding in report.findings}


def test_a_graph_check_sees_every_block_and_may_speak_of_the_whole_stack(
    output: Path, directory: Path
) -> None:
    report = scan(output, pack(directory, backed=GRAPH_CHECK))
    about = {
        (finding.resource, finding.message) for finding in report.findings if finding.policy == "CKV2_BG_1"
    }
    assert about == {("payments", "there is no plan"), ("provider.aws", "seen")}


def test_a_finding_on_the_whole_stack_is_waived_at_the_top_of_the_document(
    tmp_path: Path, directory: Path
) -> None:
    on_stack, on_provider = ({"checkov": {"skip": [waiver("CKV2_BG_1")]}} for _ in range(2))
    provider = {"aws": [{"region": "us-east-1", "//": on_provider}]}
    report = scan(
        write(tmp_path / "out", text=json.dumps(document(provider=provider) | {"//": on_stack})),
        pack(directory, backed=GRAPH_CHECK),
    )
    assert {item.finding.resource for item in report.waived} == {"payments", "provider.aws"}
    assert report.exit_code is ExitCode.PASSED


def test_without_a_pack_nothing_of_it_is_left(output: Path, directory: Path) -> None:
    modules, path = set(sys.modules), list(sys.path)
    policies = pack(directory, named=PYTHON_CHECK, backed=GRAPH_CHECK)
    first = scan(output, policies)
    assert found(scan(output)) == {UNENCRYPTED}
    assert scan(output, policies) == first
    assert {name for name in set(sys.modules) - modules if name.startswith("policies")} == set()
    assert sys.path == path


def test_a_check_that_somebody_else_registered_is_not_run(output: Path) -> None:
    with registries.only_built_in():  # so that no other test meets it
        exec(dedent(PYTHON_CHECK), {"__name__": "elsewhere"})  # noqa: S102 - as an import of the file would
        assert "CKV_BG_1" in {check.id for check in registries.active()}
        assert found(scan(output)) == {UNENCRYPTED}


def test_shared_code_and_packages_inside(output: Path, directory: Path) -> None:
    policies = pack(directory, _shared='ID = "CKV_BG_7"')
    inner = pack(directory / "logging", named=PYTHON_CHECK.replace('"CKV_BG_1"', "ID"))
    text = (inner / "named.py").read_text()
    (inner / "named.py").write_text(f"from .._shared import ID\n{text}")
    report = scan(output, policies)
    assert report.errors == ()
    assert ("CKV_BG_7", "aws_cloudwatch_log_group.group") in found(report)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"broken": "def check(:"}, "broken.py can't be imported: SyntaxError"),
        (
            {"broken": "import policies_that_are_not_there"},
            "broken.py can't be imported: ModuleNotFoundError",
        ),
        ({"broken": "from checkov.terraform import Nothing"}, "broken.py can't be imported: ImportError"),
        ({"broken": "1 / 0"}, "broken.py can't be imported: ZeroDivisionError"),
        ({"broken": "raise SystemExit(0)"}, "broken.py can't be imported: SystemExit"),
        ({"_shared": "1 / 0"}, "_shared.py can't be imported: ZeroDivisionError"),
        ({"__init__": "1 / 0", "named": PYTHON_CHECK}, "named.py can't be imported: ZeroDivisionError"),
        ({"empty": ""}, "empty.py registers no check"),
        (
            {"named": PYTHON_CHECK.replace("check = NamedGroup()", "")},
            "named.py does not register NamedGroup",
        ),
        ({"backed": GRAPH_CHECK.rpartition("    get_graph")[0]}, "backed.py does not register Backed"),
        ({"named": PYTHON_CHECK, "same": PYTHON_CHECK}, "same.py has the id CKV_BG_1, which is taken"),
        ({"named": PYTHON_CHECK.replace("CKV_BG_1", "CKV_AWS_158")}, "named.py has the id CKV_AWS_158"),
        ({"backed": GRAPH_CHECK, "same": GRAPH_CHECK}, "same.py has the id CKV2_BG_1, which is taken"),
        ({"named": PYTHON_CHECK + CLEARED}, "policies takes away 1"),
        ({"named": PYTHON_CHECK, "_shared": CLEARED}, "policies takes away 1"),
        ({"_shared": ""}, "policies has no policies in it"),
        ({}, "policies has no policies in it"),
    ],
)
def test_a_pack_that_does_not_load(output: Path, directory: Path, files: dict[str, str], reason: str) -> None:
    report = scan(output, pack(directory, **files))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert reason in messages(report)
    assert UNENCRYPTED in found(report), "the built-in checks are run nevertheless"


def test_the_line_of_a_syntax_error(output: Path, directory: Path) -> None:
    report = scan(output, pack(directory, broken="a = 1\nb = = 2\n"))
    assert "policies/broken.py:2 broken.py can't be imported" in messages(report)


@pytest.mark.parametrize("name", ["absent", "checkov", "json"])
def test_a_directory_that_can_be_no_pack(output: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "checkov").mkdir()
    report = scan(output, tmp_path / name)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert f"{name} is no package of policies" in messages(report)


@pytest.mark.parametrize("inside", [".", "inner"])
def test_a_directory_without_init(output: Path, directory: Path, inside: str) -> None:
    folder = pack(directory, first=GRAPH_CHECK) / inside
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").unlink(missing_ok=True)
    (folder / "named.py").write_text(dedent(PYTHON_CHECK))
    report = scan(output, directory)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert "named.py is in no package" in messages(report)


@pytest.mark.parametrize("name", ["check.yaml", "check.yml", "inner/check.json"])
def test_a_check_that_is_not_python(output: Path, directory: Path, name: str) -> None:
    path = pack(directory, named=PYTHON_CHECK) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")
    assert "is not Python: its check would not be loaded" in messages(scan(output, directory))


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        ("1 / 0", "the check raises ZeroDivisionError: division by zero"),
        ("exit(0)", "the check raises SystemExit: 0"),
        ("None", "the check answers None, which is no verdict"),
        ("True", "the check answers True, which is no verdict"),
    ],
)
def test_a_python_check_that_says_nothing(output: Path, directory: Path, decision: str, reason: str) -> None:
    report = scan(output, pack(directory, check=PYTHON_CHECK.replace(DECISION, decision)))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert f"CKV_BG_1 on aws_cloudwatch_log_group.group: not evaluated: {reason}" in messages(report)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("1 / 0", "the check raises ZeroDivisionError: division by zero"),
        ("exit(0)", "the check raises SystemExit: 0"),
        ("None", "the check raises TypeError"),
        (
            '[], [{"block_type_": "resource", "block_name_": "a.b"}], []',
            "it speaks of resource.a.b, which is not in",
        ),
    ],
)
def test_a_graph_check_that_says_nothing(output: Path, directory: Path, result: str, reason: str) -> None:
    report = scan(output, pack(directory, check=GRAPH_CHECK.replace("[], [{}, *providers], []", result)))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert f"CKV2_BG_1 on payments: not evaluated: {reason}" in messages(report)


def test_a_built_in_attribute_check_that_raises_is_not_lost_in_a_thread(
    output: Path, directory: Path
) -> None:
    solver = """
    from checkov.common.checks_infra.registry import get_graph_checks_registry
    from checkov.common.checks_infra.solvers import ExistsAttributeSolver
    from checkov.common.graph.checks_infra.base_check import BaseGraphCheck

    class Raising(ExistsAttributeSolver):
        def get_operation(self, vertex):
            raise ValueError("lost")

    check = BaseGraphCheck()
    check.id = check.name = "CKV2_BG_2"
    check.set_solver(Raising(["aws_cloudwatch_log_group"], "name", None))
    get_graph_checks_registry("terraform").checks.append(check)
    """
    report = scan(output, pack(directory, solver=solver))
    assert "CKV2_BG_2 on payments: not evaluated: the check raises ValueError: lost" in messages(report)


def test_a_check_that_changes_what_it_is_given_blinds_no_other(output: Path, directory: Path) -> None:
    greedy = PYTHON_CHECK.replace("self.details", "conf.clear(); self.details")
    other = PYTHON_CHECK.replace("CKV_BG_1", "CKV_BG_2").replace(
        '"name" in conf', '"retention_in_days" in conf'
    )
    assert ("CKV_BG_2", "aws_cloudwatch_log_group.group") not in found(
        scan(output, pack(directory, a=greedy, b=other))
    )
