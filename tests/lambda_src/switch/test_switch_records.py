"""What the records must say about given weights; and which texts are records at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.contract.limits import REASON_LIMIT
from lambda_src.contract.values import Colour, Weights
from lambda_src.switch.models import MigrationStatus
from lambda_src.switch.records import Migration, Records, implied_by, parse_active, parse_migration

BLUE, GREEN = Colour.BLUE, Colour.GREEN
NOT_STARTED = Migration(MigrationStatus.NOT_STARTED)
ALL_BLUE, ALL_GREEN, HALF = Weights(100, 0), Weights(0, 100), Weights(50, 50)

_weights = st.integers(0, 100).map(lambda blue: Weights(blue, 100 - blue))
_migrations = st.just(NOT_STARTED) | st.builds(
    lambda status, source, weights, reason: Migration(status, source, source.other, weights, reason, "then"),
    st.sampled_from([status for status in MigrationStatus if status is not MigrationStatus.NOT_STARTED]),
    st.sampled_from(Colour),
    _weights,
    st.text(st.characters(exclude_categories=["C"]), max_size=REASON_LIMIT),
)
_records = st.builds(Records, st.none() | st.sampled_from(Colour), st.none() | _migrations)


def facts(status: str, source: Colour, weights: Weights) -> tuple[object, ...]:
    return Migration(MigrationStatus(status), source, source.other, weights).facts


def record(status: str, source: Colour, weights: Weights) -> Migration:
    return Migration(MigrationStatus(status), source, source.other, weights, "why", "when")


@pytest.mark.parametrize(
    ("weights", "active", "recorded", "implied"),
    [
        # what is recorded already stays
        (ALL_BLUE, BLUE, NOT_STARTED, NOT_STARTED.facts),
        (ALL_GREEN, GREEN, record("completed", BLUE, ALL_GREEN), facts("completed", BLUE, ALL_GREEN)),
        (ALL_BLUE, BLUE, record("rolled_back", BLUE, ALL_BLUE), facts("rolled_back", BLUE, ALL_BLUE)),
        (HALF, BLUE, record("in_progress", BLUE, HALF), facts("in_progress", BLUE, HALF)),
        # the writer of the weights died before recording them
        (ALL_GREEN, BLUE, NOT_STARTED, facts("completed", BLUE, ALL_GREEN)),
        (ALL_GREEN, BLUE, record("in_progress", BLUE, HALF), facts("completed", BLUE, ALL_GREEN)),
        (ALL_GREEN, BLUE, record("rolled_back", BLUE, ALL_BLUE), facts("completed", BLUE, ALL_GREEN)),
        (ALL_BLUE, BLUE, record("in_progress", BLUE, HALF), facts("rolled_back", BLUE, ALL_BLUE)),
        (HALF, GREEN, record("completed", BLUE, ALL_GREEN), facts("in_progress", GREEN, HALF)),
        (HALF, BLUE, NOT_STARTED, facts("in_progress", BLUE, HALF)),
        # between the writes of migration and active environment
        (ALL_GREEN, BLUE, record("completed", BLUE, ALL_GREEN), facts("completed", BLUE, ALL_GREEN)),
        # lost records
        (ALL_GREEN, GREEN, None, NOT_STARTED.facts),
        (ALL_GREEN, BLUE, None, facts("completed", BLUE, ALL_GREEN)),
        (ALL_GREEN, None, record("in_progress", BLUE, HALF), facts("completed", BLUE, ALL_GREEN)),
        (HALF, None, record("in_progress", GREEN, HALF), facts("in_progress", GREEN, HALF)),
        (HALF, None, record("completed", BLUE, ALL_GREEN), facts("completed", BLUE, ALL_GREEN)),
    ],
)
def test_what_weights_imply(
    weights: Weights, active: Colour | None, recorded: Migration | None, implied: tuple[object, ...]
) -> None:
    migration = implied_by(weights, Records(active, recorded), rolling_back=False).migration
    assert migration is not None
    assert migration.facts == implied


@pytest.mark.parametrize(
    ("active", "recorded"),
    [
        (GREEN, record("completed", BLUE, ALL_GREEN)),
        (BLUE, record("in_progress", BLUE, HALF)),
        (GREEN, record("rolled_back", BLUE, ALL_BLUE)),
        (GREEN, NOT_STARTED),
    ],
)
def test_a_rollback_is_recorded_as_such(active: Colour, recorded: Migration) -> None:
    implied = implied_by(ALL_BLUE, Records(active, recorded), rolling_back=True)
    assert implied.active is BLUE
    assert implied.migration is not None
    assert implied.migration.facts == facts("rolled_back", BLUE, ALL_BLUE)


@given(weights=_weights, records=_records, rolling_back=st.booleans(), then=st.booleans())
def test_implied_records_imply_themselves(
    weights: Weights, records: Records, rolling_back: bool, then: bool
) -> None:
    """So a request that is repeated, in whatever words, has nothing left to write."""
    implied = implied_by(weights, records, rolling_back=rolling_back)
    assert implied_by(weights, implied, rolling_back=rolling_back or then) == implied


@given(weights=_weights, records=_records, rolling_back=st.booleans())
def test_migration_first_active_last_can_stop_between(
    weights: Weights, records: Records, rolling_back: bool
) -> None:
    """With the migration written and the active environment not yet, the same is implied."""
    implied = implied_by(weights, records, rolling_back=rolling_back)
    between = Records(records.active, implied.migration)
    assert implied_by(weights, between, rolling_back=rolling_back) == implied


@given(weights=_weights, records=_records, rolling_back=st.booleans())
def test_the_colour_with_all_the_traffic_is_active(
    weights: Weights, records: Records, rolling_back: bool
) -> None:
    implied = implied_by(weights, records, rolling_back=rolling_back)
    if weights.holder:
        assert implied.active is weights.holder
        assert implied.migration is not None
        assert implied.migration.weights in (weights, None)
    elif records.active:
        assert implied.active is records.active
        assert implied.migration is not None
        assert implied.migration.facts == facts("in_progress", records.active, weights)


@given(migration=_migrations)
def test_a_written_record_reads_back_and_fits_into_a_parameter(migration: Migration) -> None:
    text = json.dumps(migration.to_json())
    assert parse_migration(text) == migration
    assert len(text.encode()) <= 4096  # a standard parameter's limit
    structure = json.dumps({**migration.to_json(), "reason": ""})
    assert "{{" not in structure
    assert "}}" not in structure


def document(**changed: object) -> str:
    """A usable record, but for what is changed."""
    usable = {
        "status": "completed",
        "source": "blue",
        "target": "green",
        "weights": {"blue": 0, "green": 100},
    }
    return json.dumps(usable | changed)


def test_a_record_needs_neither_reason_nor_time() -> None:
    assert parse_migration(document()) == Migration(MigrationStatus.COMPLETED, BLUE, GREEN, ALL_GREEN)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[]",
        "null",
        "{",
        "{}",
        "[" * 100_000,
        '{"status": "completed"}',
        '{"status": "completed", "source": "blue", "target": "green"}',
        document(status="done"),
        document(status=["completed"]),
        document(source="red"),
        document(target="blue"),
        document(target=None),
        document(weights=100),
        document(weights={"blue": 0, "green": 90}),
        document(weights={"blue": 0, "green": "100"}),
        document(weights={"blue": False, "green": 100}),
        document(weights={"blue": -5, "green": 105}),
    ],
)
def test_what_is_no_record(text: str | None) -> None:
    assert parse_migration(text) is None


@pytest.mark.parametrize("text", [None, "", "red", "Blue", "blue ", '"blue"'])
def test_what_names_no_colour(text: str | None) -> None:
    assert parse_active(text) is None
