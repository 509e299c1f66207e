"""Nothing is printed past `safe_io`."""

import ast
from collections.abc import Iterator

import pytest

from tests.workspaces import ROOT

PACKAGES = [str(path.relative_to(ROOT)) for path in ROOT.glob("packages/*/src")]
TOPS = ("bluegreen", "lambda_src", "modules", "policies", *PACKAGES)
OWN = ROOT / "packages" / "safe_io"
# Where it is another process that reads, never a person or a CI system.
READ_BY_PROCESSES = {
    "packages/embedded_aws/src/embedded_aws/companions/channel.py": {
        "sys.stdout",
        "sys.stderr",
    },  # JSON, likewise
    "packages/embedded_aws/src/embedded_aws/functions/bootstrap.py": {
        "sys.stdout",
        "sys.stderr",
    },  # the log of a function
    "packages/embedded_aws/src/embedded_aws/server.py": {
        "os.write"
    },  # a word for the process that started it
    "bluegreen/terraform/process.py": {"os.write"},  # wakes its own selector
    "bluegreen/terraform/supervisor.py": {"os.write", "sys.stdout", "sys.stderr"},  # passes Terraform's on
}
# Before anything but Python is there, and a check for who changes the bindings.
BINDINGS = {
    "packages/bindings/src/trimmed_bindings/activation.py": {"sys.stderr"},
    "packages/bindings/src/trimmed_bindings/kernel.py": {"sys.stderr"},
    "packages/bindings/src/trimmed_bindings/verify.py": {"sys.stdout", "sys.stderr"},
}
# Bars, whose cells are Text of this package or numbers.
BARS = {f"bluegreen/cli/views/{name}.py": {"rich.table.Table"} for name in ("follow", "timeline")}
ALLOWED = READ_BY_PROCESSES | BINDINGS | BARS
CALLS = {"print", "breakpoint"}
ATTRIBUTES = {
    "sys": {"stdout", "stderr", "__stdout__", "__stderr__", "displayhook"},
    "typer": {"echo", "secho", "get_text_stream", "get_binary_stream", "launch"},
    "click": {"echo", "secho", "get_text_stream", "get_binary_stream"},
    "traceback": {"print_exc", "print_exception", "print_stack", "print_tb", "print_last"},
    "os": {"write", "writev"},
}
# What may be imported as a type, and not be called.
RICH = {
    "rich": {"print", "print_json", "inspect", "get_console"},
    "rich.console": {"Console"},
    "rich.text": {"Text"},
    "rich.table": {"Table"},
    "rich.markup": {"render"},
    "rich.panel": {"Panel"},
}
NAMES = {"sys": {"stdout", "stderr"}, "typer": {"echo", "secho"}, "traceback": {"print_exc"}}


def ways(tree: ast.AST) -> Iterator[str]:
    """Each way past the module, such as `print` or `sys.stdout`."""
    nodes = list(ast.walk(tree))
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in RICH.get(node.module or "", ())
    }
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield name
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if (
                name in imported
            ):
                yield imported[name]
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name in ATTRIBUTES.get(module, ()):
                yield f"{module}.{name}"
            case ast.ImportFrom(module=str(module), names=names):
                yield from (
                    f"{module}.{alias.name}" for alias in names if alias.name in NAMES.get(module, ())
                )


def test_no_other_way_is_taken() -> None:
    sources = [ROOT / "main.py", *(path for top in TOPS for path in (ROOT / top).rglob("*.py"))]
    found = {
        str(path.relative_to(ROOT)): set(ways(ast.parse(path.read_text(encoding="utf-8"))))
        for path in sources
        if not path.is_relative_to(OWN)
    }

    assert {name: taken for name, taken in found.items() if taken} == ALLOWED, "use safe_io"


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ("print(1)", "print"),
        ("import sys\nsys.stdout.write('x')", "sys.stdout"),
        ("import typer\ntyper.echo('x')", "typer.echo"),
        ("from rich.console import Console\nConsole()", "rich.console.Console"),
        ("from rich.text import Text as T\nT.assemble('a')", "rich.text.Text"),
        ("from sys import stderr as e", "sys.stderr"),
        ("def f():\n    import traceback\n    traceback.print_exc()", "traceback.print_exc"),
    ],
)
def test_the_ways_are_seen(code: str, way: str) -> None:
    assert list(ways(ast.parse(code))) == [way]
