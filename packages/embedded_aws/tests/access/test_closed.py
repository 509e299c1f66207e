"""What runs and what is written on the laptop is closed to other users of the machine."""

import os
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

import embedded_aws as local_aws
import pytest
from embedded_aws import LocalAws, state
from safe_io import private

from bluegreen.operate.databases import local
from bluegreen.operate.service import starting
from packages.embedded_aws.tests.conftest import create_function
from packages.embedded_aws.tests.invoking import invoke
from tests import standing_ledger
from tests.examples.service.conftest import COLOURS, TABLE, secret

WRITES = "import os\ndef handler(event, context): open(os.environ['TMPDIR'] + '/file', 'w').close()"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-00000000000d"
LISTENING = "0A"
LOOPBACK = ("7F", "00000000000000000000000001000000")  # ends of 127.0.0.0/8 and ::1, as Linux writes them


@pytest.fixture(scope="module")
def _open_umask() -> Iterator[None]:
    """The user lets others read what is made: then only what asks for it is closed."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture(scope="module")
def busy(
    _integration: None, _open_umask: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAws]:
    """An embedded AWS with a function, a load balancer with a listener, and a service."""
    with local_aws.running(tmp_path_factory.mktemp("busy") / ".local" / "deployment") as aws:
        create_table(aws)
        invoke(aws, create_function(aws, WRITES))
        local_aws.seed_certificate(aws, CERTIFICATE, "payments.test")
        targets = [("10.0.0.10", 8443)]
        local.start(aws, {})
        databases = standing_ledger.bring_up(aws, {name: secret(aws, name) for name in COLOURS})
        starting.start(aws, "blue", targets, table=TABLE, region=local_aws.REGION, databases=databases)
        create_listener(aws)
        local_aws.start_load_balancer(aws)
        assert local_aws.local_traffic(aws).listeners
        yield aws


def create_table(aws: LocalAws) -> None:
    aws.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
    )


def create_listener(aws: LocalAws) -> None:
    ec2, elbv2 = aws.client("ec2"), aws.client("elbv2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    created = elbv2.create_load_balancer(Name=uuid.uuid4().hex[:12], Subnets=subnets)
    elbv2.create_listener(
        LoadBalancerArn=created["LoadBalancers"][0]["LoadBalancerArn"],
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": CERTIFICATE}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )


def open_to_others(directory: Path) -> list[str]:
    """Files and folders from `directory` down that others may do anything with; links are none themselves."""
    found = [directory, *directory.rglob("*")]
    return [
        f"{path} {stat.S_IMODE(path.lstat().st_mode):o}"
        for path in found
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    ]


def test_no_other_user_can_read_what_is_written(busy: LocalAws) -> None:
    written = {path.name for path in busy.state_dir.rglob("*")}
    assert {"aws.json", "aws.log", "load-balancer.pem", "places.json", "main.py", "file"} <= written
    assert open_to_others(busy.state_dir.parent) == []


def test_every_listener_is_on_loopback(busy: LocalAws) -> None:
    found = [address for pid in family(busy.pid) for address in listening(pid)]
    assert len(found) >= 3  # the server's, the load balancer's, the service's
    assert [address for address in found if not address.partition(":")[0].endswith(LOOPBACK)] == []


def family(pid: int) -> set[int]:
    """A process and all that it has started."""
    parents = {}
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            fields = (directory / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(directory.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def listening(pid: int) -> list[str]:
    """Addresses that a process listens at, as Linux writes them."""
    held = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()}
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        if (table := Path("/proc/net") / name).exists()
        for line in table.read_text().splitlines()[1:]
    ]
    return [row[1] for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in held]


@pytest.mark.integration
@pytest.mark.usefixtures("_open_umask")
def test_what_was_open_before_is_closed(tmp_path: Path) -> None:
    directory = tmp_path / ".local" / "deployment"
    directory.mkdir(parents=True)
    state.log_file(directory).write_text("old")
    (directory / "aws.json.partial").write_text("old")
    with local_aws.running(directory):
        assert open_to_others(directory) == []


@pytest.mark.usefixtures("_open_umask")
def test_folders_are_made_closed_and_only_the_own_one_is_changed(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    private.folder(tmp_path / "theirs" / "a" / "b")
    assert open_to_others(tmp_path / "theirs" / "a") == []
    assert stat.S_IMODE((tmp_path / "theirs").stat().st_mode) == 0o777


@pytest.mark.usefixtures("_open_umask")
def test_a_file_is_closed_before_anything_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old and open")
    with private.writer(file) as writer:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text() == ""
        writer.write("new")
    assert file.read_text() == "new"
