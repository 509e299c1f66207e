"""Fixtures of the switch's tests."""

from tests.lambda_src.switch.wire import no_waiting

__all__ = ["no_waiting"]
