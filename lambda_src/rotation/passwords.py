"""New passwords.

From this process's own generator, not from GetRandomPassword: that would be one more call that can fail, a
permission that IAM can only give on "*", and a password that travels once more than it has to.
"""

from __future__ import annotations

import secrets
import string

LENGTH = 32  # with this alphabet about 190 bits
# Unreserved in URLs (RFC 3986), and with no meaning to a shell, to JSON, to SQL or in a connection string:
# applications put passwords in all of these.
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.~")
_ALPHABET = "".join(_CLASSES)


def generate() -> str:
    """At least one character of each class, as MySQL's `validate_password` may ask for."""
    characters = [secrets.choice(characters) for characters in _CLASSES]
    characters += [secrets.choice(_ALPHABET) for _ in range(LENGTH - len(_CLASSES))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)
