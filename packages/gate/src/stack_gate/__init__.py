"""The policy gate: Checkov on synthesized Terraform JSON, failing closed."""

from stack_gate.report import ExitCode, Finding, Problem, Report, Severity, Waived
from stack_gate.scan import PACK, scan

__all__ = ["PACK", "ExitCode", "Finding", "Problem", "Report", "Severity", "Waived", "scan"]
