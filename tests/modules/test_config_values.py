"""Values that Terraform or AWS would refuse are mistakes of the configuration, with file and key."""

import re
from pathlib import Path

import pytest

from modules.config.loader import ConfigurationError, load
from tests.workspaces import ROOT

SHIPPED = (ROOT / "config" / "staging.toml").read_text(encoding="utf-8")
HEALTH = "^health_command = .*$"
SERVICE, DATABASE = "colours.blue.service", "colours.blue.database"
KEY = "arn:aws:kms:us-east-1:123456789012"
ELSEWHERE = "arn:aws:kms:eu-west-1:123456789012"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate"
FOREIGN = "arn:aws:sns:eu-west-1:123456789012:on-call"
VAULT_OF = "arn:aws:backup:{}:backup-vault:copies"
TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"


def mistakes(directory: Path, pattern: str, replacement: str) -> list[str]:
    """Those in staging.toml with its first match replaced; none if it loads."""
    text, count = re.subn(pattern, lambda _: replacement, SHIPPED, count=1, flags=re.MULTILINE)
    assert count == 1
    (directory / "staging.toml").write_text(text, encoding="utf-8")
    try:
        load(directory)
    except ConfigurationError as error:
        return list(error.mistakes)
    return []


def setting(key: str, value: str) -> tuple[str, str]:
    """What is replaced in the file, and by what, so that a key of a table has the value."""
    table, _, name = key.rpartition(".")
    if table == SERVICE:
        return HEALTH, f'health_command = ["/app/health"]\n{name} = {value}'
    if f"\n{name} = " in SHIPPED:
        return f"^{name} = .*$", f"{name} = {value}"
    return r"\Z", f"\n{name} = {value}\n" if table == "switch" else f"\n[{table}]\n{name} = {value}\n"


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("region", '"xx-nowhere-1"', "xx-nowhere-1 is no region of the partition aws"),
        ("region", '"us-gov-west-1"', "is no region of the partition aws"),
        ("account_id", '"\u066123456789012"', "not of the allowed form"),
        ("availability_zones", '["us-east-1a", "us-east-1b", "us-east-1é"]', "us-east-1é is no zone"),
        ("bucket", '"a..b"', "no two dots in a row"),
        ("bucket", '"192.168.5.4"', "looks like an IP address"),
        ("bucket", '"xn--payments"', "reserves names that start with xn--"),
        ("bucket", '"payments-s3alias"', "reserves names that end with -s3alias"),
        ("kms_key_id", '"alias/aws/s3"', "reserved for keys that AWS manages"),
        ("kms_key_id", f'"{KEY}:key/x"', "not of the allowed form"),
        ("kms_key_id", f'"{ELSEWHERE}:alias/a"', "the key is of region eu-west-1"),
        ("Environment", '"aws:staging"', "aws: at the start is reserved"),
        ("Environment", '"RDS:staging"', "at the start is reserved"),
        ("Environment", '" staging"', "not of the allowed form"),
        ("backup.copy_to", f'"{VAULT_OF.format("us-east-1:123456789012")}"', "copy_to is of neither"),
        ("backup.copy_to", f'"{VAULT_OF.format("eu-west-1:210987654321")}"', "another account and region"),
        ("functions.reserved_concurrency", "301", "less than or equal to 100"),
        ("functions.account_concurrency", "10", "functions reserve 35 of account_concurrency = 10"),
        ("functions.unreserved_concurrency", "990", "unreserved_concurrency = 990 has to stay"),
        ("backup.lock", '"compliance"', 'lock = "compliance" needs a grace period'),
        ("backup.grace_days", "14", 'lock = "governance" has no grace period'),
        ("backup.grace_days", "2", "greater than or equal to 3"),
        ("iam.deploying_roles", '["arn:aws:iam::210987654321:role/x"]', "is not of account_id 123456789012"),
        ("iam.deploying_roles", '["payments-deploy"]', "not of the allowed form"),
        ("backup_retention_days", "14", "backup_retention_days is 14 for blue and 7 for green"),
        ("test_listener_cidrs", '["198.51.100.0/24", "198.51.100.0/24"]', "198.51.100.0/24 is listed more"),
        ("test_listener_cidrs", str([f"{n}.0.0.0/24" for n in range(11, 57)]), "at most 45 items"),
        ("test_listener_cidrs", '["10.30.0.0/16"]', "10.30.0.0/16 admits no one"),
        ("test_listener_cidrs", '["198.51.100.0/24", "100.64.3.0/24"]', "100.64.3.0/24 admits no one"),
        ("test_listener_cidrs", '["11.0.0.0/8"]', "11.0.0.0/8 is wider than /16"),
        ("test_listener_cidrs", "[]", "at least 1 item"),
        ("certificate_arn", f'"{CERTIFICATE}/{36 * "-"}"', "not of the allowed form"),
        ("maintenance_window", '"sun:05:00-sun:05:29"', "shorter than 30 minutes"),
        ("maintenance_window", '"sun:05:00-mon:05:00"', "not less than a day"),
        ("maintenance_window", '"mon:02:45-mon:03:15"', "overlaps the daily backup window"),
        ("maintenance_window", '"sun:07:59-sun:08:59"', "no colour is left to shift to"),
        ("privileges", '["SELECT", "SELECT"]', "SELECT is listed more than once"),
        ("switch.windows", '["mon-fri 22:00-05:00", "mon-fri 22:00-05:00"]', "is listed more than once"),
        ("switch.windows", '["mon \u0662\u0662:00-05:00"]', "is no window"),
        ("monitoring.action_arns", f'["{TOPIC}", "{TOPIC}"]', "is listed more than once"),
        ("monitoring.action_arns", f'["{FOREIGN}"]', "is not in the deployment's region"),
        ("monitoring.action_arns", f'["{TOPIC}é"]', "not of the allowed form"),
        (f"{SERVICE}.user", '"2147483648:1"', "2147483648 is more than 2147483647"),
        (f"{SERVICE}.writable_directories", '["/a", "/a"]', "/a is listed more than once"),
        (f"{SERVICE}.writable_directories", '["/a/b", "/a-b"]', "/a/b and /a-b would share a volume"),
        (f"{SERVICE}.writable_directories", '["/a/../b"]', "it holds . or .."),
        (f"{SERVICE}.writable_directories", '["/proc/x"]', "belongs to the kernel"),
        ("health_command", '[""]', "the program has no name"),
        ("health_command", f'["/app/health", "{40_000 * "a"}"]', "longer than 32768 bytes"),
    ],
)  # fmt: skip
def test_a_value_is_refused_with_its_key(tmp_path: Path, key: str, value: str, problem: str) -> None:
    if key in ("backup_retention_days", "privileges"):
        pattern, replacement = "^backup_window = .*$", f'backup_window = "02:00-03:00"\n{key} = {value}'
    else:
        pattern, replacement = setting(key, value)
    found = mistakes(tmp_path, pattern, replacement)

    # Others may follow from it: a region that doesn't exist has none of the zones.
    (mistake,) = [m for m in found if f"{problem}" in m]
    head, *_ = mistake.splitlines()
    assert head.startswith(f"{tmp_path / 'staging.toml'}: ")
    assert key.rpartition(".")[2] in mistake
    assert "allowed" in mistake


@pytest.mark.parametrize("name", ["a//b", "a..b", "a-", "-a", "a" * 257, "a"])
def test_an_image_of_a_repository_that_ecr_does_not_take(tmp_path: Path, name: str) -> None:
    found = mistakes(tmp_path, "com/payments-staging@", f"com/{name}@")

    assert any(f"{SERVICE}.image" in mistake for mistake in found)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bucket", '"a.b-c"'),
        ("kms_key_id", f'"{KEY}:key/mrk-{32 * "a"}"'),
        ("kms_key_id", f'"{KEY}:key/00000000-0000-4000-8000-000000000001"'),
        ("Environment", '"a b: staging/1=+@"'),
        ("maintenance_window", '"sun:23:45-mon:00:15"'),
        ("switch.windows", '["mon-fri 22:00-05:00", "sat 22:00-05:00"]'),
        (
            "monitoring.action_arns",
            f'["{TOPIC}", "arn:aws:lambda:us-east-1:123456789012:function:page:live"]',
        ),
        (f"{SERVICE}.user", '"2147483647:1"'),
        ("backup.copy_to", f'"{VAULT_OF.format("eu-west-1:123456789012")}"'),
        ("functions.reserved_concurrency", "0\naccount_concurrency = 10\nunreserved_concurrency = 10"),
        (f"{SERVICE}.writable_directories", '["/tmp", "/tmp/a", "/a.b"]'),
    ],
)
def test_what_is_allowed_loads(tmp_path: Path, key: str, value: str) -> None:
    assert mistakes(tmp_path, *setting(key, value)) == []


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "staging.toml").write_bytes(b"\xef\xbb\xbf" + SHIPPED.encode())

    assert [deployment.name for deployment in load(tmp_path)] == ["staging"]
