"""Backups that are not made, not kept, or of something else."""

from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, both, change, name_like, on, remove

CLUSTER = "aws_rds_cluster"
TABLE = "aws_dynamodb_table"
PLAN = "aws_backup_plan"
SELECTION = "aws_backup_selection"
VAULT = "aws_backup_vault"
LOCK = "aws_backup_vault_lock_configuration"


def rule(plan: str, index: int, **arguments: Any) -> Mutation:
    """Another value in one rule of a plan; None takes it out."""

    def mutate(document: Document) -> None:
        changed = body(document, PLAN, plan)["rule"][index]
        changed.update(arguments)
        for name in [name for name, value in arguments.items() if value is None]:
            del changed[name]

    return mutate


def refer(type_: str, part: str, argument: str, to: str, named: str) -> Mutation:
    """A list of one reference to another resource."""

    def mutate(document: Document) -> None:
        target = f"${{{to}.{name_like(document, to, named)}.arn}}"
        body(document, type_, part)[argument] = [target]

    return mutate


def all_but(part: str) -> Mutation:
    """Everything is selected, and one cluster taken out again."""
    return both(
        change(SELECTION, "blue", resources=["*"]),
        refer(SELECTION, "blue", "not_resources", CLUSTER, part),
        remove(SELECTION, "green"),
        remove(SELECTION, "sessions"),
    )


BACKUPS = [
    Mutant("vault that goes with its backups", change(VAULT, force_destroy=True), on("CKV_BG_132", VAULT)),
    Mutant("no backups", both(remove(PLAN), remove(SELECTION)), on("CKV2_BG_105")),
    Mutant("vault without a lock", remove(LOCK), on("CKV_BG_274", VAULT)),
    Mutant("lock of a day", change(LOCK, min_retention_days=1), on("CKV_BG_274", VAULT)),
    Mutant("no vault", remove(VAULT), also(on("CKV2_BG_105"), on("CKV_BG_108", PLAN))),
    Mutant(
        "second rule keeps for three days",
        rule("databases", 1, lifecycle={"delete_after": 3}),
        also(on("CKV_BG_106", PLAN, "databases"), on("CKV_BG_274", "aws_backup_vault")),
    ),
    Mutant("rule that keeps for ever", rule("tables", 0, lifecycle=None), on("CKV_BG_106", PLAN, "tables")),
    Mutant(
        "cluster whose window an apply sets back",
        change(CLUSTER, "green", lifecycle__ignore_changes=["backup_retention_period"]),
        on("CKV_BG_461", CLUSTER, "green"),
    ),
    Mutant("plan without rules", change(PLAN, "tables", rule=None), on("CKV_BG_106", PLAN, "tables")),
    Mutant(
        "rule with the default vault",
        rule("databases", 1, target_vault_name="Default"),
        on("CKV_BG_108", PLAN, "databases"),
    ),
    Mutant("no selections", remove(SELECTION), also(on("CKV_BG_107", CLUSTER), on("CKV_BG_107", TABLE))),
    Mutant("backups that miss green", remove(SELECTION, "green"), on("CKV_BG_107", CLUSTER, "green")),
    Mutant(
        "backups that miss the sessions", remove(SELECTION, "sessions"), on("CKV_BG_107", TABLE, "session")
    ),
    Mutant(
        "selection of blue, twice",
        refer(SELECTION, "green", "resources", CLUSTER, "blue"),
        on("CKV_BG_107", CLUSTER, "green"),
    ),
    Mutant(
        "selection of another plan",
        change(SELECTION, "blue", plan_id="${var.plan}"),
        on("CKV_BG_107", CLUSTER, "blue"),
    ),
    Mutant("all but green", all_but("green"), on("CKV_BG_107", CLUSTER, "green")),
    Mutant(
        "all tables for all clusters",
        change(SELECTION, "green", resources=["arn:aws:dynamodb:*:*:table/*"]),
        on("CKV_BG_107", CLUSTER, "green"),
    ),
    Mutant(
        "selection by a tag that blue has",
        change(
            SELECTION,
            "green",
            resources=None,
            selection_tag=[{"type": "STRINGEQUALS", "key": "Colour", "value": "blue"}],
        ),
        on("CKV_BG_107", CLUSTER, "green"),
    ),
    Mutant(
        "condition that green does not meet",
        change(
            SELECTION,
            "green",
            condition=[{"string_equals": [{"key": "aws:ResourceTag/Colour", "value": "blue"}]}],
        ),
        on("CKV_BG_107", CLUSTER, "green"),
    ),
]

MUTANTS = BACKUPS
