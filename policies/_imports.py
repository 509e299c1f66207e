"""Which modules of a Python package its entry module reaches, and what they call."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from policies._live import Unit, called, executed, fields, live_calls

_SDK = frozenset({"boto3", "botocore", "sys.modules"})
_OWN_SDK = re.compile(r"(?:boto3|botocore|moto)(?:/__init__)?\.py$")
_MOCKS = frozenset({"botocore.stub", "mock", "moto", "placebo", "unittest.mock"})
# Variables that are called as the service are taken for its clients.
_SERVICES = frozenset({
    "cloudwatch", "dynamodb", "ecs", "elbv2", "events", "kms", "lambda", "logs", "rds", "s3",
    "secretsmanager", "sns", "sqs", "ssm", "stepfunctions", "sts", "wafv2",
})  # fmt: skip
# Tuples: a union, written where it is asked, is made anew for each of a library's nodes.
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.NamedExpr)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Module:
    """What one module says. `imports`: dotted names of modules that it may import, of `from a import b` also
    `a.b`; `calls`: names of the functions and methods that it calls.
    """

    unit: Unit  # what it executes
    globals: frozenset[str]
    defines: Mapping[str, int]  # function → line of its definition
    rebinds: tuple[int, ...]  # lines that bind boto3 anew
    imports: frozenset[str]
    calls: frozenset[str]
    clients: frozenset[tuple[str, str]]  # (service as boto3 names it, method) of calls of its clients
    named: Mapping[str, str]  # variable or attribute → service, of clients that are kept
    waiting: frozenset[tuple[str, str]]  # (variable or attribute, method) of other calls
    words: frozenset[str]  # one-word strings


def reachable(entry: str, sources: Mapping[str, str]) -> dict[str, Module]:
    """Path → the module at `entry`, and all that it imports. Raises SyntaxError."""
    found: dict[str, Module] = {}
    waiting = [entry]
    while waiting:  # each path at most once
        path = waiting.pop()
        if path not in found:
            found[path] = _read(path, sources[path])
            waiting += [other for name in found[path].imports for other in _paths(name, sources)]
    return found


@lru_cache(maxsize=1_024)
def _read(path: str, source: str) -> Module:
    """Once for all packages that have it: those of one project are alike."""
    tree = ast.parse(source, filename=path)
    package = PurePosixPath(path).parent.parts
    imports: set[str] = set()
    calls: set[str] = set()
    clients: set[tuple[str, str]] = set()
    waiting: set[tuple[str, str]] = set()
    named: dict[str, str] = {}
    words: set[str] = set()
    defines: dict[str, int] = {}
    rebinds: list[int] = []
    for node in _nodes(tree):
        if isinstance(node, ast.Call):
            names = list(called(node))
            calls.update(names)
            receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
            if node.func and names[1:]:
                receiver = node.args[0] if receiver is None else receiver
            if (service := _service(receiver)) is not None:
                clients.update((service, name) for name in names)
            elif (kept := _last(receiver)) is not None:
                waiting.update((kept, name) for name in names)
        elif isinstance(node, _ASSIGNMENTS):
            named |= _kept(node)
            if isinstance(node, ast.Assign) and any(_root(target) in _SDK for target in node.targets):
                rebinds.append(node.lineno)
        elif isinstance(node, _FUNCTIONS):
            defines.setdefault(node.name, node.lineno)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            words.add(node.value)
        elif isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            imports.update([module, *(f"{module}.{alias.name}".lstrip(".") for alias in node.names)])
    return Module(
        executed(tree),
        frozenset(_globals(tree)),
        defines,
        tuple(rebinds),
        frozenset(imports),
        frozenset(calls),
        frozenset(clients),
        named,
        frozenset(waiting),
        frozenset(words),
    )


def clients(modules: Iterable[Module]) -> frozenset[tuple[str, str]]:
    """(service, method) of all calls of clients: at once, or by the variable that keeps the client."""
    found = list(modules)
    named = {name: service for module in found for name, service in module.named.items()}
    kept = {
        (named.get(name, name), method)
        for module in found
        for name, method in module.waiting
        if name in named or name in _SERVICES
    }
    return frozenset(kept.union(*(module.clients for module in found)))


def _service(receiver: ast.AST | None) -> str | None:
    """The service of `boto3.client("ssm")`, `self._client("ssm")` and the like."""
    if not isinstance(receiver, ast.Call):
        return None
    name = str(getattr(receiver.func, "attr", None) or getattr(receiver.func, "id", ""))
    values = [*receiver.args[:1], *(word.value for word in receiver.keywords if word.arg == "service_name")]
    if not name.lower().endswith(("client", "clients", "resource")):
        return None
    return next(
        (str(v.value) for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)), None
    )


def _last(node: ast.AST | None) -> str | None:
    """The last name of `self.ssm` or `ssm`."""
    found = getattr(node, "attr", None) or getattr(node, "id", None)
    return str(found) if found else None


def _kept(node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> dict[str, str]:
    """Variable → service, of an assignment of clients."""
    found = {}
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=False))
        for name, value in pairs:
            if (kept := _last(name)) is not None and (service := _service(value)) is not None:
                found[kept] = service
    return found


def _nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node, in any order; several times as fast as ast.walk, for which libraries are large."""
    waiting: list[ast.AST] = [tree]
    while waiting:  # a tree: each node once
        node = waiting.pop()
        yield node
        for name in fields(type(node)):
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [item for item in value if isinstance(item, ast.AST)]


def _paths(name: str, sources: Mapping[str, str]) -> Iterator[str]:
    """Files that importing the dotted name executes: the packages on the way, and the module."""
    parts = name.split(".") if name else []
    for end in range(1, len(parts) + 1):
        stem = "/".join(parts[:end])
        yield from (path for path in (f"{stem}/__init__.py", f"{stem}.py") if path in sources)


def live(modules: Iterable[Module], entry: str) -> frozenset[str]:
    """The methods that the code calls once its handler is called: `calls`, without what never runs."""
    return live_calls((module.unit for module in modules), entry)


def fakes(modules: Mapping[str, Module], sources: Iterable[str], methods: Iterable[str]) -> list[str]:
    """Why the clients may be others than boto3's."""
    found = [f"brings its own {path}" for path in sources if _OWN_SDK.match(path)]
    wanted = set(methods)
    for path, module in modules.items():
        found += [f"imports {name} ({path})" for name in sorted(module.imports & _MOCKS)]
        defined = sorted(wanted & module.defines.keys())
        found += [f"defines {name} itself ({path}:{module.defines[name]})" for name in defined]
        found += [f"binds boto3 anew ({path}:{line})" for line in module.rebinds]
    return found


def _root(target: ast.AST) -> str:
    """The first name of `boto3.client` or `boto3`; of sys.modules[...] that."""
    while isinstance(target, ast.Attribute | ast.Subscript):
        if getattr(target, "attr", "") == "modules":
            return "sys.modules"
        target = target.value
    return str(getattr(target, "id", ""))


def _globals(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.ImportFrom | ast.Import):
            yield from (alias.asname or alias.name for alias in node.names)
