"""P3: all mistakes of all files at once, each with file, key, value, what is allowed and an example; nothing
is written.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.config.loader import ConfigurationError, load
from tests.workspaces import DEPLOYMENTS, ROOT, synthesize, with_shipped_configuration

# One mistake each: (what is replaced in staging.toml, by what, where the report places it).
MISTAKES = {
    "malformed network": ('vpc_cidr = "10.30.0.0/16"', 'vpc_cidr = "10.30.0.0/33"', "vpc_cidr"),
    "zone of another region": ('"us-east-1c"]', '"eu-west-1c"]', "availability_zones"),
    "missing tag": ('CostCenter = "payments"\n', "", "tags.CostCenter"),
    "text for a number": (
        "[colours.blue]\nport = 8443",
        '[colours.blue]\nport = "8443"',
        "colours.blue.port",
    ),
    "unknown key": ("min_healthy_targets = 2", "min_helthy_targets = 2", "switch.min_helthy_targets"),
    "unknown backend": ('type = "s3"', 'type = "gcs"', "backend"),
    "open to the world": (
        'test_listener_cidrs = ["203.0.113.0/24"]',
        'test_listener_cidrs = ["0.0.0.0/0"]',
        "load_balancer.test_listener_cidrs",
    ),
    "short account": ('account_id = "123456789012"', 'account_id = "1234"', "account_id"),
}


def staging_with(directory: Path, *mistakes: str) -> Path:
    text = (ROOT / "config" / "staging.toml").read_text(encoding="utf-8")
    for mistake in mistakes:
        right, wrong, _ = MISTAKES[mistake]
        assert text.count(right) == 1, mistake
        text = text.replace(right, wrong)
    (directory / "staging.toml").write_text(text, encoding="utf-8")
    return directory


def with_switch_setting(directory: Path, line: str) -> Path:
    """The shipped configuration with one more line in staging's last table, `[switch]`."""
    config = with_shipped_configuration(directory) / "config"
    with (config / "staging.toml").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    return config


def places(error: ConfigurationError) -> list[str]:
    """The keys that the report names, in its order."""
    heads = [mistake.splitlines()[0] for mistake in error.mistakes]
    return [match[1] for head in heads if (match := re.search(r"staging\.toml: (\S+)", head))]


def test_the_shipped_configurations_load() -> None:
    assert [deployment.name for deployment in load(ROOT / "config")] == sorted(DEPLOYMENTS)


@pytest.mark.integration
def test_five_mistakes_are_all_reported_and_nothing_is_written(tmp_path: Path) -> None:
    five = list(MISTAKES)[:5]
    config = with_shipped_configuration(tmp_path) / "config"
    staging_with(config, *five)

    result = synthesize(tmp_path)

    assert result.returncode == 2
    assert "5 mistakes, nothing was synthesized" in result.stderr
    assert [
        key for key in (MISTAKES[m][2] for m in five) if f"config/staging.toml: {key}" not in result.stderr
    ] == []
    assert not (tmp_path / "cdktf.out").exists()


@given(chosen=st.sets(st.sampled_from(sorted(MISTAKES)), min_size=1))
def test_any_combination_of_mistakes_is_reported_whole(
    tmp_path_factory: pytest.TempPathFactory, chosen: set[str]
) -> None:
    directory = staging_with(tmp_path_factory.mktemp("config"), *chosen)

    with pytest.raises(ConfigurationError) as caught:
        load(directory)

    assert sorted(places(caught.value)) == sorted(MISTAKES[mistake][2] for mistake in chosen)
    assert all("    allowed" in mistake for mistake in caught.value.mistakes)


def test_a_report_says_value_problem_what_is_allowed_and_an_example(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(staging_with(tmp_path, "malformed network"))

    report = caught.value.mistakes[0]
    # The same network is named twice in the file, only the misspelt one is reported.
    assert report.splitlines() == [
        f'{tmp_path}/staging.toml: vpc_cidr = "10.30.0.0/33"',
        "    Input is not a valid IPv4 network",
        "    allowed: a private IPv4 network from /16 to /20, host bits zero: it is cut into three subnets a "
        'zone; for example "10.20.0.0/16"',
    ]


def test_the_value_of_what_looks_like_a_secret_is_not_shown(tmp_path: Path) -> None:
    directory = staging_with(tmp_path)
    file = directory / "staging.toml"
    file.write_text('db_password = "canary-5150"\n' + file.read_text(encoding="utf-8"), encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load(directory)

    assert "db_password" in str(caught.value)
    assert "canary-5150" not in str(caught.value)


def test_a_certificate_of_another_account_or_region_is_refused(tmp_path: Path) -> None:
    directory = staging_with(tmp_path)
    file = directory / "staging.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("acm:us-east-1", "acm:eu-west-1"), encoding="utf-8"
    )

    with pytest.raises(ConfigurationError) as caught:
        load(directory)

    head, problem, allowed = caught.value.mistakes[0].splitlines()
    assert head == f"{file}: load_balancer = {{…}}"
    assert problem == "    certificate_arn is of region eu-west-1, the deployment of us-east-1"
    assert allowed.startswith("    allowed: ")


def bad_syntax(directory: Path) -> None:
    (directory / "broken.toml").write_text("region = \n", encoding="utf-8")


def bad_encoding(directory: Path) -> None:
    (directory / "broken.toml").write_bytes(b'region = "\xff"\n')


@pytest.mark.parametrize("spoil", [bad_syntax, bad_encoding])
def test_an_unreadable_file_is_reported_beside_the_mistakes_of_the_others(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    staging_with(tmp_path, "short account")
    spoil(tmp_path)

    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)

    assert len(caught.value.mistakes) == 2
    assert "broken.toml" in caught.value.mistakes[0]
    assert "account_id" in caught.value.mistakes[1]


def test_a_name_that_no_resource_could_carry_is_refused(tmp_path: Path) -> None:
    staging_with(tmp_path).joinpath("staging.toml").rename(tmp_path / "Staging_2.toml")

    with pytest.raises(ConfigurationError, match="lower-case letters, digits and single hyphens"):
        load(tmp_path)


@pytest.mark.integration
def test_an_unknown_deployment_names_those_that_exist(tmp_path: Path) -> None:
    result = synthesize(with_shipped_configuration(tmp_path), DEPLOYMENT="prodution")

    assert result.returncode == 2
    assert "local, production, staging" in result.stderr
    assert not (tmp_path / "cdktf.out").exists()


@pytest.mark.integration
def test_deployment_selects_one(tmp_path: Path) -> None:
    result = synthesize(with_shipped_configuration(tmp_path), DEPLOYMENT="staging")

    assert result.returncode == 0, result.stderr
    assert [path.name for path in (tmp_path / "cdktf.out" / "stacks").iterdir()] == ["staging"]


def test_no_configuration_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="one file a deployment"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("windows", "what"),
    [
        ('["mon-fri"]', "'mon-fri' is no window"),
        ('["mon-fri 22:00-05:00", "fre 22:00-05:00"]', "'fre 22:00-05:00' is no window"),
        ('["mon 24:00-05:00"]', "'mon 24:00-05:00' is no window"),
        ('["mon 05:00-05:00"]', "'mon 05:00-05:00' ends when it begins"),
        ('["mon-fri 22:00-05:00,sat 01:00-02:00"]', "is no window"),
        ('"always"', "not a list"),
    ],
)
def test_windows_that_cannot_be_are_refused(tmp_path: Path, windows: str, what: str) -> None:
    config = with_switch_setting(tmp_path, f"windows = {windows}")
    with pytest.raises(ConfigurationError) as refused:
        load(config)

    (mistake,) = refused.value.mistakes
    assert "staging.toml: switch.windows = " in mistake
    assert what in mistake
    assert "mon-fri 22:00-05:00" in mistake


def test_windows_may_pass_midnight_and_be_many(tmp_path: Path) -> None:
    config = with_switch_setting(tmp_path, 'windows = ["mon-fri 22:00-05:00", "sat 01:30-23:59"]')

    (staging,) = load(config, "staging")
    assert staging.switch.windows == ("mon-fri 22:00-05:00", "sat 01:30-23:59")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("min_healthy_percent", "0"),
        ("min_healthy_percent", "101"),
        ("alarm_grace_seconds", "3601"),
        ("verify_seconds", "0"),
        ("verify_seconds", "301"),
    ],
)
def test_settings_of_the_switch_out_of_bounds_are_refused(tmp_path: Path, key: str, value: str) -> None:
    config = with_switch_setting(tmp_path, f"{key} = {value}")
    with pytest.raises(ConfigurationError) as refused:
        load(config)

    (mistake,) = refused.value.mistakes
    assert mistake.startswith(f"{config / 'staging.toml'}: switch.{key} = {value}")


def test_a_name_that_is_wrong_is_the_only_mistake(tmp_path: Path) -> None:
    content = (ROOT / "config" / "local.toml").read_text(encoding="utf-8")
    (tmp_path / "My_Shop.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path)
    assert [mistake.splitlines()[0] for mistake in raised.value.mistakes] == [
        f'{tmp_path / "My_Shop.toml"}: name = "My_Shop"'
    ]


def test_what_is_no_table_is_told_without_python(tmp_path: Path) -> None:
    (tmp_path / "local.toml").write_text('tags = "payments"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path)
    tags, backend = (m for m in raised.value.mistakes if ": tags" in m or ": backend" in m)
    assert "    not a table\n" in tags
    assert backend.endswith("    allowed: a table with bucket, kms_key_id, region, type")


@pytest.mark.usefixtures("_integration")
def test_no_place_for_the_stacks_is_named(tmp_path: Path) -> None:
    workspace = with_shipped_configuration(tmp_path)
    (workspace / "cdktf.out").touch()
    result = synthesize(workspace)
    assert result.returncode == 2
    assert result.stderr.startswith("error: no synthesis: cdktf.out/stacks can't be made: Not a directory\n")
