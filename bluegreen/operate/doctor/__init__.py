"""What an account lacks before a deployment is applied to it; read-only.

    for finding in examine(Subject(...)): ...

A file an area; each check is a function of the subject. What a deployment needs is read from its synthesized
stack; what there is, from AWS and from the state.
"""

from bluegreen.operate.doctor.examination import CHECKS, STATE_PERMISSIONS, UnreachedError, caller, examine
from bluegreen.operate.doctor.findings import Check, Finding, Verdict
from bluegreen.operate.doctor.subject import Caller, Subject

__all__ = [
    "CHECKS",
    "STATE_PERMISSIONS",
    "Caller",
    "Check",
    "Finding",
    "Subject",
    "UnreachedError",
    "Verdict",
    "caller",
    "examine",
]
