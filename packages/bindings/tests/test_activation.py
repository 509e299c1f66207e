"""Which bindings a program gets that calls `activate`; each test runs one in its own checkout."""

from collections.abc import Callable
from pathlib import Path

import pytest

from packages.bindings.tests.checkouts import Checkout

pytestmark = pytest.mark.integration

PACKAGE = "cdktf_cdktf_provider_aws"
WHENCE = f"""
import {PACKAGE}.vpc, {PACKAGE}._jsii
result = [{PACKAGE}._jsii.__file__, {PACKAGE}.vpc.__file__]
"""
WARNING = "bindings: the stock AWS bindings are used, synthesis takes some ten seconds longer: "


def test_trimmed_assembly_and_stock_modules_are_imported(checkout: Checkout) -> None:
    seen = checkout.activate(WHENCE)
    (entry,) = checkout.entries
    assert (seen.trimmed, seen.path, seen.submodules) == (True, str(entry), ["vpc"])
    assert seen.result == [
        str(entry / PACKAGE / "_jsii" / "__init__.py"),
        str(checkout.site / PACKAGE / "vpc" / "__init__.py"),
    ]
    assert seen.stderr == ""
    assert list(checkout.cwd.iterdir()) == []


def test_the_entry_is_used_again(checkout: Checkout) -> None:
    first = checkout.activate()
    checkout.site.joinpath(PACKAGE, "_jsii", "provider-aws@1.2.3.jsii.tgz").write_bytes(
        b"not to be read again"
    )
    assert checkout.activate() == first


def test_another_set_of_submodules_gets_another_entry(checkout: Checkout) -> None:
    first = checkout.activate()
    checkout.imports(f"from {PACKAGE}.vpc import Vpc", f"import {PACKAGE}.lb_listener")
    second = checkout.activate()
    assert second.submodules == ["lb_listener", "vpc"]
    assert checkout.entries == sorted(Path(seen.path or "") for seen in (first, second))


@pytest.mark.parametrize("content", [None, "[]"])
def test_what_was_read_of_the_imports_is_only_a_saving(checkout: Checkout, content: str | None) -> None:
    """Where it can't be written, or was changed since, the files are read again."""
    kept = checkout.root / ".cache" / "imports"
    if content is None:
        kept.parent.mkdir()
        kept.touch()
    else:
        checkout.activate()
        (found,) = kept.glob("*/submodules.json")
        found.write_text(content)
    seen = checkout.activate()
    assert (seen.trimmed, seen.submodules, seen.stderr) == (True, ["vpc"], "")


def test_files_are_read_again_when_one_has_changed(checkout: Checkout) -> None:
    checkout.activate()
    (checkout.root / "modules" / "deeper").mkdir()
    (checkout.root / "modules" / "deeper" / "balancer.py").write_text(f"import {PACKAGE}.lb_listener\n")
    assert checkout.activate().submodules == ["lb_listener", "vpc"]


def test_the_order_of_imports_does_not_matter(checkout: Checkout) -> None:
    checkout.imports(f"from {PACKAGE} import vpc, lb_listener")
    first = checkout.activate()
    checkout.imports(f"from {PACKAGE} import lb_listener", f"from {PACKAGE} import vpc")
    assert checkout.activate() == first


def test_a_submodule_that_was_cut_away_is_refused_by_name(checkout: Checkout) -> None:
    seen = checkout.activate(
        f"""
import importlib
try:
    importlib.import_module("{PACKAGE}." + "lb_listener")
except ImportError as error:
    result = str(error)
"""
    )
    assert seen.result == (
        f"{PACKAGE}.lb_listener is not among the trimmed bindings, which hold what "
        f"{checkout.root / 'modules'} imports. "
        f"Import it there by name (from {PACKAGE}.lb_listener import ...), or set STOCK_BINDINGS=1."
    )


def test_the_switch_turns_it_off_without_a_word(checkout: Checkout) -> None:
    seen = checkout.activate(WHENCE, STOCK_BINDINGS="1")
    assert (seen.trimmed, seen.path, seen.submodules) == (False, None, [])
    assert seen.reason == "STOCK_BINDINGS is set"
    assert seen.result[0] == str(checkout.site / PACKAGE / "_jsii" / "__init__.py")
    assert seen.stderr == ""
    assert checkout.entries == []


def make_cache_unwritable(checkout: Checkout) -> None:
    (checkout.root / ".cache").touch()


def damage_entry(checkout: Checkout) -> None:
    checkout.activate()
    (entry,) = checkout.entries
    (tarball,) = entry.rglob("*.tgz")
    tarball.write_bytes(tarball.read_bytes()[:-100])


def install_another_layout(checkout: Checkout) -> None:
    for tarball in checkout.site.rglob("*.tgz"):
        tarball.rename(tarball.with_suffix(".zip"))


def import_nothing(checkout: Checkout) -> None:
    checkout.imports("import os")


def import_the_whole(checkout: Checkout) -> None:
    checkout.imports(f"import {PACKAGE}")


def import_the_unknown(checkout: Checkout) -> None:
    checkout.imports(f"from {PACKAGE}.vcp import Vpc")


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (make_cache_unwritable, "Not a directory"),
        (damage_entry, "is damaged"),
        (install_another_layout, "holds 0 .jsii.tgz files where one was expected"),
        (import_nothing, "imports nothing of"),
        (import_the_whole, "network.py:1 imports"),
        (import_the_unknown, "has no submodule vcp"),
    ],
)
def test_whatever_fails_the_stock_package_serves_after_one_line(
    checkout: Checkout, break_it: Callable[[Checkout], None], reason: str
) -> None:
    break_it(checkout)
    seen = checkout.activate(WHENCE)
    assert (seen.trimmed, seen.path, seen.submodules) == (False, None, [])
    assert seen.result[0] == str(checkout.site / PACKAGE / "_jsii" / "__init__.py")
    assert reason in seen.reason
    assert seen.stderr == f"{WARNING}{seen.reason}\n"


def test_too_late_is_said(checkout: Checkout) -> None:
    process = checkout.run(f"import {PACKAGE}; print(activate().trimmed)")
    assert process.stdout == "False\n"
    assert process.stderr.startswith(f"{WARNING}{PACKAGE} was imported (from {checkout.site}")
    assert process.stderr.count("\n") == 1


def test_activating_again_is_harmless(checkout: Checkout) -> None:
    seen = checkout.activate(
        f"""
import sys
before = list(sys.path), list(sys.meta_path)
again = activate()
{WHENCE}
once_more = activate()
result = [again == activation == once_more, before[0] == sys.path, len(before[1]) == len(sys.meta_path)]
"""
    )
    assert seen.result == [True, True, True]
    assert seen.stderr == ""


def test_a_later_activation_replaces_one_that_nothing_used(checkout: Checkout) -> None:
    other = checkout.root / "other"
    other.mkdir()
    (other / "module.py").write_text(f"import {PACKAGE}.lb_listener")
    seen = checkout.activate(
        f"""
from pathlib import Path
second = activate(Path({str(other)!r}))
import {PACKAGE}.lb_listener, {PACKAGE}._jsii

result = [str(second.path), {PACKAGE}._jsii.__file__]
"""
    )
    assert seen.path != seen.result[0]
    assert Path(seen.result[1]).is_relative_to(seen.result[0])


def test_another_version_of_the_provider_gets_another_entry(checkout: Checkout, tmp_path: Path) -> None:
    first = checkout.activate()
    (checkout.site / f"{PACKAGE}-1.2.3.dist-info").rename(tmp_path / "uninstalled")
    metadata = checkout.site / f"{PACKAGE}-1.2.4.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: cdktf-cdktf-provider-aws\nVersion: 1.2.4\n")
    assert checkout.activate().path != first.path


@pytest.mark.parametrize(("before", "after"), [(None, "20"), ("1", "1,20"), ("20", "20"), ("18,20", "18,20")])
def test_jsii_is_told_to_be_silent_about_node_20(checkout: Checkout, before: str | None, after: str) -> None:
    name = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"
    environment = {} if before is None else {name: before}
    assert checkout.activate(f"import os; result = os.environ[{name!r}]", **environment).result == after
