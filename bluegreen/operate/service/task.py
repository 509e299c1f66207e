"""The environment of a task, as ECS makes it of the task definition (modules/compute/task_definition.py)."""

import json
from collections.abc import Mapping
from typing import Any


def environment(told: Mapping[str, Any], secret: str) -> dict[str, str]:
    """What ECS would give the task. `secret`: the value of its own one."""
    colour, databases = told["colour"], json.loads(told["databases"])
    own, login = databases[colour], json.loads(secret)
    found = {
        "COLOUR": colour,
        "PORT": "0",  # a port of each target's own
        "SESSION_TABLE": told["table"],
        "DATABASE_HOST": own["host"],
        "DATABASE_NAME": "payments",
        "DATABASE_PORT": str(own["port"]),
        "DATABASE_READER_HOST": own["host"],
        "DATABASE_SECRET_ARN": own["secret"],
        "DATABASE_USERNAME": login["username"],
        "DATABASE_PASSWORD": login["password"],
        "CA_BUNDLE": own["ca"],
    }
    for name, database in databases.items():
        found[f"{name.upper()}_DATABASE_HOST"] = database["host"]
        found[f"{name.upper()}_DATABASE_PORT"] = str(database["port"])  # 3306 of both, on AWS
        found[f"{name.upper()}_DATABASE_SECRET_ARN"] = database["secret"]
    # The configuration's own have other names than the platform's.
    configured: dict[str, str] = json.loads(told.get("variables", "{}"))
    return {"LOG_LEVEL": "warning"} | configured | found
