"""The kernel loads the assemblies while the caller does something else; run for real."""

import pytest

from packages.bindings.tests.checkouts import Checkout

pytestmark = pytest.mark.integration

# With JSII_DEBUG the kernel says of an assembly that is loaded again that it looked it up.
IMPORTS = """
import sys
with trimmed_bindings.loading(activate()):
    %s
print("jsii" in sys.modules)
import cdktf_cdktf_provider_aws.vpc
"""
AGAIN = "look up already-loaded assembly"


def test_imports_find_each_assembly_loaded(real_checkout: Checkout) -> None:
    result = real_checkout.run(IMPORTS % "pass", JSII_DEBUG="1")
    assert (result.returncode, result.stdout) == (0, "True\n"), result.stderr
    looked_up = [line.split()[-1] for line in result.stderr.splitlines() if AGAIN in line]
    assert sorted(set(looked_up)) == ["@cdktf/provider-aws", "cdktf", "constructs"]


@pytest.mark.long
def test_stock_bindings_load_when_they_are_imported(real_checkout: Checkout) -> None:
    result = real_checkout.run(IMPORTS.rpartition("import")[0] % "pass", STOCK_BINDINGS="1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "False\n", "")


def test_an_error_of_the_block_stays_the_error(real_checkout: Checkout) -> None:
    result = real_checkout.run(IMPORTS % "raise SystemExit(7)")
    assert (result.returncode, result.stdout, result.stderr) == (7, "", "")


def test_what_can_not_be_loaded_is_reported_by_the_import(real_checkout: Checkout) -> None:
    result = real_checkout.run(IMPORTS % "pass", PATH="/nowhere")
    assert (result.returncode, result.stdout) == (1, "True\n")
    assert "FileNotFoundError: [Errno 2] No such file or directory: 'node'" in result.stderr
