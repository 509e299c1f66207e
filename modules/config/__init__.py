"""A deployment as data: the pydantic models of `config/<name>.toml`, one concern a file.

Every field's `description` says what is allowed and its `examples` show it: the loader (`config_loader.py`)
prints both when a value is refused. Checks that compare two keys are field validators on the later key, so
that they run, and report, beside all others.
"""

from modules.config.backends import LocalBackend, S3Backend
from modules.config.database import Privilege
from modules.config.deployment import Deployment

__all__ = ["Deployment", "LocalBackend", "Privilege", "S3Backend"]
