"""Platforms: one system in several stacks, judged as a whole.

A stack that reads another one's state (`terraform_remote_state`, which is what CDKTF writes for a reference
across stacks) is judged together with it: what it refers to is there, and an absence is judged once. A file
says so of stacks that don't read each other, and which of them holds what.
"""

from stack_gate.platforms.grouping import group
from stack_gate.platforms.joining import Joined, join
from stack_gate.platforms.platform_file import NAME, Platform, PlatformFile, read

__all__ = ["NAME", "Joined", "Platform", "PlatformFile", "group", "join", "read"]
