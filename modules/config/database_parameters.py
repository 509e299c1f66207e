"""Which parameters of Aurora MySQL an operator may set, each with its values.

The platform's own (TLS, audit, binary log, slow queries) are none of them. All apply without a reboot.
Sources: MySQL 8.0 reference manual, "Server System Variables"; Aurora user guide, "Aurora MySQL configuration
parameters".
"""

from typing import Annotated

from pydantic import AfterValidator, Field

# Parameter → its least and greatest value, or its values.
ALLOWED: dict[str, range | tuple[str, ...]] = {
    "character_set_server": ("utf8mb4",),
    "collation_server": ("utf8mb4_0900_ai_ci", "utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_unicode_ci"),
    "event_scheduler": ("OFF", "ON"),
    "group_concat_max_len": range(1024, 1_048_576 + 1),
    "innodb_lock_wait_timeout": range(1, 600 + 1),
    "innodb_print_all_deadlocks": ("0", "1"),
    "interactive_timeout": range(60, 86_400 + 1),
    "lock_wait_timeout": range(1, 3600 + 1),
    "max_allowed_packet": range(1_048_576, 1_073_741_824 + 1, 1024),
    "max_connections": range(100, 16_000 + 1),
    "max_execution_time": range(3_600_000 + 1),
    "net_read_timeout": range(10, 3600 + 1),
    "net_write_timeout": range(10, 3600 + 1),
    "transaction_isolation": ("READ-COMMITTED", "REPEATABLE-READ", "SERIALIZABLE"),
    "wait_timeout": range(60, 86_400 + 1),
}


def described(name: str) -> str:
    """What a parameter may be."""
    values = ALLOWED[name]
    if isinstance(values, tuple):
        return " or ".join(values)
    return f"{values[0]} to {values[-1]}" + (f", in steps of {values.step}" if values.step > 1 else "")


def _allowed(parameters: dict[str, str]) -> dict[str, str]:
    for name, value in parameters.items():
        if name not in ALLOWED:
            raise ValueError(f"{name} is none of {', '.join(ALLOWED)}")
        values = ALLOWED[name]
        known = value in values if isinstance(values, tuple) else value.isdecimal() and int(value) in values
        if not known or not value.isascii():
            raise ValueError(f"{name} = {value} is not {described(name)}")
    return parameters


Parameters = Annotated[
    dict[str, str],
    Field(
        description=f"parameters of the cluster, as texts: {', '.join(ALLOWED)}; a mistake's "
        "message has the values of each",
        examples=[{"transaction_isolation": "READ-COMMITTED", "max_connections": "2000"}],
    ),
    AfterValidator(_allowed),
]
