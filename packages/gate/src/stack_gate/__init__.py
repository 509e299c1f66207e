"""The policy gate: Checkov on synthesized Terraform JSON, failing closed."""

from stack_gate.report import ExitCode, Finding, Problem, Report, Severity, Waived
from stack_gate.scan import scan

__all__ = ["ExitCode", "Finding", "Problem", "Report", "Severity", "Waived", "scan"]
