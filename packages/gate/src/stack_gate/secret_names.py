"""Whether a name says that what stands under it is a secret."""

import re
from enum import Enum, auto
from functools import lru_cache


class Said(Enum):
    """What a name says of its value."""

    NOTHING = auto()
    PERHAPS = auto()  # a secret if it looks like one
    SECRET = auto()  # a secret, unless it names one


_LONGEST = 128  # characters of a name that count, at its end
_REMEMBERED = 20_000

# At the end of a name, also stuck to another word: PGPASSWORD, dbpasswd, MYAPITOKEN.
_HEADS = (
    "password", "passwd", "passphrase", "passwort", "passcode", "secret", "token", "credential",
    "credentials", "kennwort", "motdepasse", "contrasena", "wachtwoord",
    "connectionstring", "secretbinary", "secretstring", "apikey", "accesskey", "authkey", "privatekey",
    "secretkey", "sharedkey", "signingkey", "encryptionkey", "decryptionkey", "masterkey", "hmackey",
    "sessionkey", "cipherkey", "clientkey", "licensekey", "licencekey", "deploykey", "sshkey", "aeskey",
    "accountkey", "storagekey", "adminkey", "cookiekey", "signaturekey", "webhookkey", "integrationkey",
)  # fmt: skip
# Words of their own that are secrets: DB_PASS, MYSQL_PWD, STRIPE_SK, redis-auth.
_WORDS = frozenset(
    {"pass", "pwd", "pw", "psk", "sk", "pat", "kek", "dek", "creds", "cred", "otp", "totp", "userpass", "dsn"}
)
# They are secrets where the value looks like one.
_PERHAPS = frozenset(
    {"auth", "authorization", "bearer", "bind", "cookie", "crypt", "hmac", "jwt", "key", "pepper", "pin",
     "salt", "seed", "session", "signature", "signing", "unseal", "webhook"}
)  # fmt: skip
# After a secret's name these say which one it is; the name is still a secret's.
_WHICH = re.compile(
    r"\d+|v\d+|active|app|blue|current|green|live|main|new|old|plain|plaintext|prev|previous|primary|prod|"
    r"production|raw|secondary|stage|staging|test|text|value|wo"
)
# After a secret's name these make it speak about the secret, and not be one.
_ABOUT = re.compile(
    r"age|alg|algorithm|alias|arn|arns|audience|backend|class|count|days|enabled|endpoint|expiry|file|format|header|"
    r"host|hours|id|ids|issuer|kind|length|manager|minutes|mode|name|names|path|paths|policy|prefix|provider|"
    r"region|required|rotation|scope|scopes|seconds|source|spec|store|suffix|ttl|type|units|uri|url|usage|user|users|"
    r"validity|vault|version|versions|wo_version"
)
# Before `key` they say that it finds something: s3_key, hash_key, sort_key.
_FINDING = frozenset({"bucket", "cache", "hash", "object", "partition", "primary", "range", "s3", "sort"})
_OTHERS = frozenset({"bypass", "compass", "encompass", "trespass"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARTS = re.compile(r"[^a-z0-9]+")


@lru_cache(_REMEMBERED)
def said(name: str) -> Said:
    """What a name says: of an argument, an environment variable, a flag, a tag, a header, a label."""
    if ":" in name or name == "key":  # a condition key of a policy; what Terraform calls a name
        return Said.NOTHING
    plain = _CAMEL.sub("_", name[-_LONGEST:].rpartition(".")[2]).lower()
    words = [word for word in _PARTS.split(plain) if word]
    which = 0
    while words and _WHICH.fullmatch(words[-1]):
        words.pop()
        which += 1
    if not words or _ABOUT.fullmatch(words[-1]) or (words[-1] == "key" and _FINDING & set(words[-2:-1])):
        return Said.NOTHING
    if _is_head(words):
        return Said.SECRET
    named = any(_is_head(words[: index + 1]) for index in range(len(words)))
    return (
        Said.PERHAPS
        if named or words[-1] in _PERHAPS or words[-1].endswith(("auth", "key"))
        else Said.NOTHING
    )


def is_secret_name(name: str) -> bool:
    """Whether what stands under a name is a secret: db_password, ApiKey; not passwordLength, SECRET_ARN."""
    return said(name) is Said.SECRET


def _is_head(words: list[str]) -> bool:
    """Whether the last words are a secret's: `db_password`, `api_key`, `PGPASSWORD`, `DB_PASS`."""
    last = words[-1].rstrip("0123456789")
    return (
        last in _WORDS
        or "".join([*words[-3:-1], last]).endswith(_HEADS)
        or (last.endswith("pass") and last not in _OTHERS)
    )
