"""The policies that work from what is known: strangers, ways out, colours, rights, keys, the switch's reach.

One mutant each; the forms of each kind of defect are in tests/policies/kinds.
"""

from collections.abc import Callable

from tests.copies import copied
from tests.policies.harness import Document, Mutant, Pair, on
from tests.policies.kinds import encryption, inside, role, strangers, switch, unknown
from tests.policies.mutants.secrets import ADMISSION

Place = Callable[[Document], tuple[str, ...]]


def mutant(name: str, place: Place, *policies: str) -> Mutant:
    """The policies find it at the first place that the case names."""

    def found(document: Document) -> set[Pair]:
        return {(one, place(copied(document))[0]) for one in policies}

    return Mutant(name, place, found)


def unknown_range(document: Document) -> tuple[str, ...]:
    """An ingress rule with a range that only an apply tells, admitted."""
    (address, *_) = unknown.FOREIGN["a range by the older rule"](document)
    type_, label = address.split(".")
    entry = ADMISSION | {"id": "CKV2_BG_322"}
    document["resource"][type_][label]["//"] = {"checkov": {"skip": [entry]}}
    return (address,)


def boundary(document: Document) -> tuple[str, ...]:
    """A boundary that the stack does not hold, waived, as the shipped stack has it."""
    (address, *_) = role.DOCUMENTS["a boundary elsewhere"](document)
    type_, label = address.split(".")
    entry = ADMISSION | {"id": "CKV2_BG_414"}
    document["resource"][type_][label].setdefault("//", {})["checkov"] = {"skip": [entry]}
    return (address,)


MUTANTS = [
    mutant("a stranger's boundary", strangers.OWNERS["boundary of another account"], "CKV2_BG_310"),
    Mutant(
        "a role of the other colour",
        inside.COLOURS["role, of the start"],
        # The switch passes the roles of the tasks that there are: one of them is not passed any more.
        lambda document: {
            ("CKV2_BG_311", inside.COLOURS["role, of the start"](copied(document))[0]),
            *on("CKV_BG_234", "aws_lambda_function", "switching_switch_function")(document),
        },
    ),
    mutant("a way out of the application", inside.WAYS_OUT["application, half of it"], "CKV_BG_312"),
    mutant("a task that assumes a role", inside.RIGHTS["right over roles, assumed"], "CKV2_BG_313"),
    mutant("a shell by ECS Exec", inside.SHELLS["exec, as text"], "CKV_BG_314"),
    mutant("a redirect elsewhere", inside.REDIRECTS["to a host"], "CKV_BG_315"),
    mutant("a workflow without a way back", inside.MACHINES["no way back, no catch"], "CKV_BG_316"),
    mutant("a log of the firewall without blocks", inside.FIREWALL["log of what was let pass"], "CKV_BG_317"),
    mutant("a policy of AWS on the switch", role.DOCUMENTS["of AWS, on the role"], "CKV2_BG_318"),
    mutant("a boundary of the switch that is not in the stack", boundary, "CKV2_BG_414"),
    mutant("a key of another region", encryption.CASES_BY_NAME["of another region, a queue"], "CKV2_BG_319"),
    mutant(
        "a topic for every alarm",
        encryption.CASES_BY_NAME["publishes, alarms of every account"],
        "CKV2_BG_320",
    ),
    mutant("a key that logs may not use", encryption.CASES_BY_NAME["lacks the logs"], "CKV2_BG_321"),
    mutant("a range that is not known", unknown_range, "CKV2_BG_322"),
    mutant("a switch without concurrency", switch.REACHED["no concurrency, as text"], "CKV2_BG_323"),
]
