"""Statements of a migration, read by a parser and written anew: a database gets only what was understood.

The text of a file is parsed (sqlglot, dialect MySQL), and only what the parser has understood is sent, as SQL
that is generated from the tree. So comments that a server executes, and what a parser reads otherwise than
the server, have no way in. Which statements are allowed is decided here; what an allowed one does to a table
is decided by trying it (planning.py).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ..ledger.errors import MigrationRefusedError
from ..ledger.models import DATABASE

DIALECT = "mysql"
LONGEST_TEXT, MOST_STATEMENTS = 100_000, 50
_SHOWN = 200
# A table that is not complete yet has this name.
UNFINISHED = "ledger_new"
_OWN_PREFIX = "ledger_"

# Name → why, of what is refused whatever it does. The rules of what a change may do: ledger/compatibility.py.
RULES: Mapping[str, str] = {
    "not-understood": "what the parser does not understand is not run",
    "data-changed": "a migration changes the schema; the service writes data itself, past no fence",
    "renamed": "code that knows the old name fails: add the new one, write both, then drop the old one",
    "truncated": "TRUNCATE fires no trigger, so the fence does not see it",
    "other-database": f"only tables of `{DATABASE}` are the ledger",
    "own-table": "the ledger's own tables are changed by `bluegreen ledger setup`",
    "unnamed": "an index or check without a name gets another name on each database, or in each version",
    "value-differs": "rows that are there already would get another value on each database",
    "algorithm": "this command decides how a change is made: at once, or online where the table is small",
    "no-primary-key": "row replication and verification find rows by it",
    "engine": "only InnoDB has row locks and transactions",
    "exists": "a table, column or index of this name is there already, with another definition",
    "locked": "a transaction uses the table",
    "too-large": "the change can't be made at once, and copying the table would hold replication up",
}
_PROPERTIES = (
    exp.EngineProperty,
    exp.CharacterSetProperty,
    exp.CollateProperty,
    exp.SchemaCommentProperty,
    exp.RowFormatProperty,
)
# Of a statement's tree, what is understood; anything else in it is refused.
_CREATE = frozenset({"this", "kind", "properties", "exists"})
_ALTER = frozenset({"this", "kind", "actions"})
_DROP = frozenset({"tables", "kind", "exists"})
_DROPPED = ("COLUMN", "INDEX", "CONSTRAINT", "CHECK")


@dataclass(frozen=True)
class Change:
    """One statement. `adds` and `drops`: (kind, name), of COLUMN, INDEX and CONSTRAINT, and of the TABLE."""

    table: str
    tree: exp.Expr
    adds: tuple[tuple[str, str], ...] = ()
    drops: tuple[tuple[str, str], ...] = ()

    @property
    def creates(self) -> bool:
        return isinstance(self.tree, exp.Create)

    @property
    def drops_table(self) -> bool:
        return isinstance(self.tree, exp.Drop)

    def sql(self, database: str, table: str, collation: str = "") -> str:
        """The statement, of that table. `collation`: of a new table that names none, nor a character set."""
        tree = self.tree.copy()
        if collation and self.creates and not tree.find(exp.CollateProperty, exp.CharacterSetProperty):
            given = (tree.args.get("properties") or exp.Properties()).expressions
            tree.set(
                "properties",
                exp.Properties(expressions=[*given, exp.CollateProperty(this=exp.var(collation))]),
            )
        found = tree.args["tables"][0] if isinstance(tree, exp.Drop) else next(tree.find_all(exp.Table))
        found.replace(exp.table_(table, db=database, quoted=True))
        if "exists" in tree.args:
            tree.set("exists", False)
        return tree.sql(DIALECT, comments=False)

    def __str__(self) -> str:
        """As the history has it."""
        return self.tree.sql(DIALECT, comments=False)


def parse(text: str) -> tuple[Change, ...]:
    """The statements of a file, in order. Raises MigrationRefusedError."""
    if len(text) > LONGEST_TEXT:
        raise refused("not-understood", f"the file has more than {LONGEST_TEXT} characters")
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it says there what it falls back from
    try:
        trees = [tree for tree in sqlglot.parse(text, read=DIALECT) if tree is not None]
    except (SqlglotError, RecursionError) as error:
        said = str(error).splitlines()[0] if str(error) else "it nests too deep"
        raise refused("not-understood", said) from None
    trees = [tree for tree in trees if not isinstance(tree, exp.Semicolon)]  # comments alone
    if not trees:
        raise refused("not-understood", "there is no statement")
    if len(trees) > MOST_STATEMENTS:
        raise refused("not-understood", f"there are more than {MOST_STATEMENTS} statements")
    return tuple(_read(tree) for tree in trees)


def refused(
    rule: str, what: str, *, why: str = "", state: str = "nothing was changed", fix: str = ""
) -> MigrationRefusedError:
    """The error of a rule."""
    return MigrationRefusedError(
        f"the schema was not changed: {rule}: {what}",
        cause=why or RULES[rule],
        state=state,
        fix=fix or "change the file as docs/ledger.md (Schema changes) says",
    )


def _read(tree: exp.Expr) -> Change:
    text = _shown(tree)
    if isinstance(tree, exp.TruncateTable):
        raise refused("truncated", text)
    if isinstance(tree, exp.DML | exp.Query):
        raise refused("data-changed", text)
    if isinstance(tree, exp.Command) and str(tree.this).upper() == "RENAME":
        raise refused("renamed", text)
    if tree.find(exp.ForeignKey, exp.Reference):
        raise refused(
            "foreign-key", text, why="what it cascades fires no trigger, so the fence does not see it"
        )
    if isinstance(tree, exp.Create) and tree.args.get("kind") == "TABLE":
        return _create(tree)
    if isinstance(tree, exp.Alter) and tree.args.get("kind") == "TABLE":
        return _alter(tree)
    if isinstance(tree, exp.Drop) and tree.args.get("kind") == "TABLE":
        return _drop(tree)
    raise refused("not-understood", text)


def _create(tree: exp.Expr) -> Change:
    _only(tree, _CREATE)
    schema = tree.this
    if not isinstance(schema, exp.Schema):
        raise refused("not-understood", _shown(tree), why="only a list of columns says what the table is")
    for found in (tree.args.get("properties") or exp.Properties()).expressions:
        if not isinstance(found, _PROPERTIES):
            raise refused("not-understood", f"{_shown(found)} in {_shown(tree)}")
        if isinstance(found, exp.EngineProperty) and found.name.upper() != "INNODB":
            raise refused("engine", _shown(tree))
    table = _table(tree, schema.this)
    if not tree.find(exp.PrimaryKey, exp.PrimaryKeyColumnConstraint):
        raise refused("no-primary-key", _shown(tree))
    for part in schema.expressions:
        if not isinstance(part, exp.ColumnDef):
            _key(part, tree)
    return Change(table, tree, adds=(("TABLE", table),))


def _alter(tree: exp.Expr) -> Change:
    if tree.args.get("options"):
        raise refused("algorithm", _shown(tree))
    _only(tree, _ALTER)
    adds: list[tuple[str, str]] = []
    drops: list[tuple[str, str]] = []
    for action in tree.args["actions"] or ():
        if action.args.get("exists"):
            raise refused("not-understood", _shown(tree), why="what is there already is found anyhow")
        if isinstance(action, exp.ColumnDef):
            _same_everywhere(action, tree)
            adds.append(("COLUMN", action.name))
        elif isinstance(action, exp.AddConstraint):
            adds += [_key(key, tree) for key in action.expressions]
        elif isinstance(action, exp.Drop) and action.args.get("kind") in _DROPPED:
            kind = str(action.args["kind"]).replace("CHECK", "CONSTRAINT")
            drops += [(kind, found.name) for found in action.args["tables"]]
        elif isinstance(action, exp.RenameColumn | exp.AlterRename | exp.RenameIndex) or (
            isinstance(action, exp.ModifyColumn) and action.args.get("rename_from")
        ):
            raise refused("renamed", _shown(tree))
        elif not isinstance(action, exp.ModifyColumn | exp.AlterColumn):
            raise refused("not-understood", _shown(tree))
    if not tree.args["actions"] or (adds and drops):
        raise refused(
            "not-understood", _shown(tree), why="a statement adds, drops or changes: expand or contract"
        )
    return Change(_table(tree, tree.this), tree, tuple(adds), tuple(drops))


def _drop(tree: exp.Expr) -> Change:
    _only(tree, _DROP)
    tables = tree.args["tables"]
    if len(tables) != 1:
        raise refused("not-understood", _shown(tree), why="one table a statement")
    table = _table(tree, tables[0])
    return Change(table, tree, drops=(("TABLE", table),))


def _table(tree: exp.Expr, table: exp.Expr) -> str:
    """The name of the one table of a statement."""
    if not isinstance(table, exp.Table) or _names_another(tree, table):
        raise refused("not-understood", _shown(tree))
    if table.args.get("catalog") or table.args.get("alias") or table.db not in ("", DATABASE):
        raise refused("other-database", _shown(tree))
    if table.name.lower().startswith(_OWN_PREFIX):
        raise refused("own-table", _shown(tree))
    return table.name


def _names_another(tree: exp.Expr, table: exp.Table) -> bool:
    """An index or constraint that is dropped is a table to the parser, too."""
    return any(
        found is not table and not isinstance(found.parent, exp.Drop) for found in tree.find_all(exp.Table)
    )


def _key(part: exp.Expr, tree: exp.Expr) -> tuple[str, str]:
    """Kind and name of an index or a constraint: it has to have one."""
    if isinstance(part, exp.PrimaryKey):
        return "INDEX", "PRIMARY"
    kind = "INDEX"
    found: exp.Expr | None = part
    if isinstance(part, exp.Constraint):
        kind = "INDEX" if part.find(exp.UniqueColumnConstraint) else "CONSTRAINT"
    elif isinstance(part, exp.UniqueColumnConstraint):
        found = part.this
    elif not isinstance(part, exp.IndexColumnConstraint):
        raise refused(
            "unnamed" if isinstance(part, exp.CheckColumnConstraint) else "not-understood", _shown(tree)
        )
    name = found.this if isinstance(found, exp.Expr) else None
    if not isinstance(name, exp.Identifier):
        raise refused("unnamed", _shown(tree))
    return kind, name.name


def _same_everywhere(column: exp.ColumnDef, tree: exp.Expr) -> None:
    """Each database computes by itself what the rows that are there already get: so it has to be a constant.

    CURRENT_TIMESTAMP is one: it is replicated with the statement (MySQL reference manual, "Replication and
    System Functions").
    """
    for constraint in column.find_all(exp.AutoIncrementColumnConstraint):
        raise refused("value-differs", f"{_shown(constraint)} in {_shown(tree)}")
    for default in column.find_all(exp.DefaultColumnConstraint):
        value = default.this
        value = value.this if isinstance(value, exp.Neg) else value
        if not isinstance(value, exp.Literal | exp.Null | exp.Boolean | exp.CurrentTimestamp):
            raise refused("value-differs", f"{_shown(default)} in {_shown(tree)}")


def _only(tree: exp.Expr, known: frozenset[str]) -> None:
    if unknown := sorted(name for name, value in tree.args.items() if value and name not in known):
        raise refused("not-understood", f"{', '.join(unknown)} in {_shown(tree)}")


def _shown(tree: exp.Expr) -> str:
    text = tree.sql(DIALECT, comments=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
