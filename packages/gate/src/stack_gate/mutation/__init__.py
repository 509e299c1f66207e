"""Mutation testing of policies: changes of a real stack, one at a time, and which of them a pack notices."""

from stack_gate.mutation.result import Result
from stack_gate.mutation.run import mutate

__all__ = ["Result", "mutate"]
