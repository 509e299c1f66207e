"""An account that lacks nothing."""

from tests.bluegreen.operate.doctor.world import World


def test_every_check_passes(world: World) -> None:
    code, verdicts, answer = world.doctor("--domain", "payments.example.com")
    assert [(name, verdict) for name, verdict in verdicts.items() if verdict != "passed"] == [
        ("copies of backups", "not needed")
    ], answer
    assert code == 0
    assert answer["ready"] is True
