"""The jsii kernel in one Node process, run for real."""

import sys

import pytest

from packages.bindings.tests.checkouts import Checkout

pytestmark = pytest.mark.integration

# Prints the processes below this one that run Node, then what the kernel answers.
NODES = """
import os, sys
from pathlib import Path
activate()
import jsii, cdktf
def children(pid):
    found = [int(child) for task in Path(f"/proc/{pid}/task").iterdir()
             for child in (task / "children").read_text().split()]
    return found + [below for child in found for below in children(child)]
print(len(children(os.getpid())), cdktf.Token.is_unresolved("plain"))
"""

# With JSII_DEBUG the kernel writes what it gets and does to its standard error, in both ways that Node has.
DEBUGGED = """
activate()
import cdktf
cdktf.Token.is_unresolved("pl\\u00e4in")
"""


# How many frames the library noted for a token, and how many an error has.
TRACES = """
activate()
import cdktf
token = cdktf.Token.as_any({"a": "b"})
try:
    cdktf.App().node.find_child("nobody")
except RuntimeError as error:
    print(len(token.creation_stack), str(error.__cause__).count(" at Kernel") > 2)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
@pytest.mark.parametrize(("stock", "processes"), [("0", 1), pytest.param("1", 2, marks=pytest.mark.long)])
def test_one_process_runs_the_kernel(real_checkout: Checkout, stock: str, processes: int) -> None:
    result = real_checkout.run(NODES, STOCK_BINDINGS=stock)
    assert (result.stdout, result.stderr) == (f"{processes} False\n", "")


@pytest.mark.long
def test_stock_bindings_come_with_the_stock_starter_below_one_that_was_trimmed(
    real_checkout: Checkout,
) -> None:
    below = "import os; activate(); print('JSII_RUNTIME' in os.environ)"
    result = real_checkout.run(
        "import subprocess, os, sys; activate();"
        "os.environ['STOCK_BINDINGS'] = '1';"
        "print('JSII_RUNTIME' in os.environ, flush=True);"
        f"subprocess.run([sys.executable, '-c', {real_checkout.program(below)!r}])"
    )
    assert (result.stdout, result.stderr) == ("True\nFalse\n", "")


@pytest.mark.parametrize("stock", ["0", pytest.param("1", marks=pytest.mark.long)])
def test_what_the_kernel_prints_is_seen(real_checkout: Checkout, stock: str) -> None:
    lines = real_checkout.run(DEBUGGED, STOCK_BINDINGS=stock, JSII_DEBUG="1").stderr.splitlines()
    assert any(line.startswith('> {"fqn":"cdktf.Token"') and "pläin" in line for line in lines)
    assert any(line.startswith("[@jsii/kernel] sinvoke") for line in lines)
    assert not [line for line in lines if line.startswith("b'")]


@pytest.mark.long
def test_tokens_have_no_trace_and_errors_have(real_checkout: Checkout) -> None:
    trimmed, stock = (
        real_checkout.run(TRACES, STOCK_BINDINGS=switch).stdout.split() for switch in ("0", "1")
    )
    assert trimmed == ["0", "True"]
    assert int(stock[0]) > 0
    assert stock[1] == "True"


@pytest.mark.parametrize("name", ["JSII_NODE", pytest.param("JSII_RUNTIME", marks=pytest.mark.long)])
def test_a_node_or_runtime_that_somebody_named_stays(real_checkout: Checkout, name: str) -> None:
    seen = real_checkout.activate(
        "import os; result = {k: v for k, v in os.environ.items() if k in ('JSII_NODE', 'JSII_RUNTIME')}",
        **{name: "/somewhere/else"},
    )
    assert seen.result == {name: "/somewhere/else"}


def test_what_fails_leaves_it_to_the_stock_starter_after_one_line(real_checkout: Checkout) -> None:
    (real_checkout.root / ".cache").mkdir()
    (real_checkout.root / ".cache" / "kernel").touch()
    seen = real_checkout.activate("import os; result = 'JSII_RUNTIME' in os.environ")
    assert (seen.trimmed, seen.result) == (True, False)
    assert seen.stderr.startswith("bindings: jsii's own starter is used, synthesis takes a little longer: ")
    assert seen.stderr.count("\n") == 1


@pytest.mark.long
def test_another_layout_of_jsii_leaves_it_to_the_stock_starter(real_checkout: Checkout) -> None:
    embedded = real_checkout.cwd / "jsii" / "_embedded" / "jsii"
    embedded.mkdir(parents=True)
    (embedded / "lib__program.js").write_text("// talks through another descriptor")
    metadata = real_checkout.cwd / "jsii-9.9.9.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: jsii\nVersion: 9.9.9\n")
    seen = real_checkout.activate("import os; result = 'JSII_RUNTIME' in os.environ")
    assert (seen.trimmed, seen.result) == (True, False)
    assert "jsii/_embedded/jsii isn't laid out as expected" in seen.stderr
