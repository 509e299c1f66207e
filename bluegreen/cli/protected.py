"""A change that is judged by the lists of the protected branch, too: a change can't admit itself.

Lists are policies, waivers and admitted types. What only the lists of the change let pass is no failure: it
waits for the review of the lists' owners (CODEOWNERS).
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stack_gate import Report
    from stack_gate.report import Waived

Tell = Callable[[str], None]


def to_review(
    directory: Path, protected: Path, today: date, tell: Tell, platform: Path | None = None
) -> list[str]:
    """A line for each that the lists of `protected` don't let pass, and those of the change do.

    `directory`: the synthesized stacks of the change, which pass by their own lists. `protected`: a checkout
    of the protected branch, synthesized. `platform`: the file that says which stacks are one platform.
    """
    import stack_gate as gate  # noqa: PLC0415 - importing a verb has to be cheap

    def scanned(of: Path) -> "Report":
        pack = protected / "policies"
        return gate.scan(of, policies=pack, today=today, progress=tell, platform=platform)

    before, after = scanned(protected / "cdktf.out"), scanned(directory)
    return [*_refused(after), *_waived(before, after)]


def _refused(report: "Report") -> Iterator[str]:
    for problem in report.errors:
        yield f"{problem.policy or 'gate'} {problem.resource or problem.file}: {problem.message}"
    for finding in report.findings:
        yield f"{finding.policy} {finding.resource}: {finding.message}"


def _waived(before: "Report", after: "Report") -> Iterator[str]:
    """Waivers that the change brings, or whose date it moves."""
    known = {_key(waiver) for waiver in before.waived}
    for waiver in after.waived:
        if _key(waiver) not in known:
            found = waiver.finding
            yield f"{found.policy} {found.resource}: waived until {waiver.expires}: {waiver.reason}"


def _key(waiver: "Waived") -> tuple[str, str, str, str]:
    finding = waiver.finding
    return Path(finding.file).parent.name, finding.policy, finding.resource, waiver.expires
