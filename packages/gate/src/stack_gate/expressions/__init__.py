"""Terraform's expressions: parsed, and evaluated as far as a synthesized stack tells."""

from stack_gate.expressions.evaluation import UNKNOWN, Evaluator, Reference, Template, Unknown, as_json

__all__ = ["UNKNOWN", "Evaluator", "Reference", "Template", "Unknown", "as_json"]
