"""What every `bluegreen` command ends with: the one table that a pipeline acts on."""

from enum import IntEnum


class ExitCode(IntEnum):
    """`scan` and `guard` use the first three only, as their own contract says; ROLLED_BACK is of `shift`,
    `follow`, `deploy` and `release`, UNMOVED of `rollback`.
    """

    OK = 0
    REFUSED = 1
    INVALID = 2
    UNREACHABLE = 3
    INCOMPLETE = 4
    ROLLED_BACK = 5
    UNMOVED = 6
    INTERRUPTED = 130


MEANING = {
    ExitCode.OK: "done, or there was nothing to do",
    ExitCode.REFUSED: "the platform, a policy or you said no; nothing changed",
    ExitCode.INVALID: "wrong input, or something could not be evaluated; nothing changed",
    ExitCode.UNREACHABLE: "not deployed, not running, not reachable, a tool missing; nothing changed",
    ExitCode.INCOMPLETE: "begun, not finished, or unknown; the message says where it stands",
    ExitCode.ROLLED_BACK: "a shift or a deployment was begun and rolled back; all is where it was",
    ExitCode.UNMOVED: "a rollback moved nothing: all traffic is where it came from already",
    ExitCode.INTERRUPTED: "interrupted; an apply had changed nothing, a shift that was followed continues",
}


def epilog() -> str:
    """The table for `--help`."""
    return "\n".join(("Exit codes:", *(f"{code:>4d}  {meaning}" for code, meaning in MEANING.items())))
