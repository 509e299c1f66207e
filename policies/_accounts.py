"""Whose something is: the account that the stack is applied to, and everyone else.

The provider's allowed_account_ids name the account. A value is ours when it is known to be; whatever else
names an account, an organisation or an identity is a stranger's.
"""

import re

from stack_gate.remembered import remembered
from stack_gate.stack import Block, Stack, listed

from policies.platform._providers import aws

ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:[\w*?-]+:[\w*?-]*:[^:\s\"]*:((?:\$\{[^}]*\}|[^:\s\"/$])*):")
_ELSEWHERE = (
    re.compile(r"^(\d{12})(?:$|\.dkr\.ecr[.-]|/sg-)"),  # alone, registry of images, group of a peer
    re.compile(r"^https?://[^/]+/(\d{12})(?:/|$)"),  # of a queue
)
_ORGANISATION = re.compile(r"(?<![\w-])o-[a-z0-9]{10,32}(?![\w-])")
# Whatever their provider is: a second one has to name the same account (CKV2_BG_270).
_OWN_DATA = re.compile(r"data\.aws_(?:caller_identity\.[\w-]+\.(?:account_id|arn|id)|iam_role\.[\w-]+\.arn)")
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_GITHUB = re.compile(r"arn:[\w-]+:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com")


class Accounts:
    """The account of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        providers = aws(stack)
        default = [block for block in providers if not block.get("alias")] or providers
        named = [str(name) for block in default[:1] for name in listed(block.get("allowed_account_ids"))]
        self.own = {name for name in named if ACCOUNT.fullmatch(name)}

    def is_own(self, value: object) -> bool:
        """Whether a value is known to be the account, or something of it."""
        text = str(value)
        found = fields(text)
        if found:
            return all(field in self.own or self.is_reference(field) for field in found)
        return text in self.own or self.is_reference(text)

    def is_reference(self, text: str) -> bool:
        """Whether it is one expression that gives what is ours: the stack's own, or the caller's identity."""
        match = _REFERENCE.fullmatch(text)
        if match is None:
            return False
        path = match[1]
        if _OWN_DATA.fullmatch(path):
            return True
        block = self._stack.at(".".join(path.split(".")[:2]).partition("[")[0])
        return block is not None and block.kind == "resource"

    def strangers(self, value: object) -> list[str]:
        """Accounts and organisations that a text names, and that aren't ours."""
        text = str(value)
        named = [field for field in fields(text) if not self._is_harmless(field)]
        if text[:1].isdigit() or text.startswith("http"):
            named += [
                found[1] for form in _ELSEWHERE if (found := form.search(text)) and found[1] not in self.own
            ]
        if "o-" in text:
            named += _ORGANISATION.findall(text)
        return list(dict.fromkeys(named))

    def _is_harmless(self, field: str) -> bool:
        """Of a service without accounts in its ARNs, of AWS itself, of no account in particular, or ours."""
        return field in ("", "aws", "*") or field in self.own or "${" in field


@remembered
def fields(text: str) -> tuple[str, ...]:
    """The account fields of the ARNs in a text."""
    return tuple(_ARN.findall(text)) if "arn:" in text else ()


def is_pipeline(federated: object) -> bool:
    """Whether a federated principal is the identity provider of pipelines, registered in an account.

    Who of its users gets in is in the conditions.
    """
    return _GITHUB.fullmatch(str(federated)) is not None


def unread(value: object, block: Block) -> list[str]:
    """The expressions in a value that give something that an apply reads elsewhere: nobody knows whose."""
    stack = block.stack
    found = []
    for path in _REFERENCE.findall(str(value)):
        parts = path.split(".")
        known = stack.at(".".join(parts[: 3 if parts[0] == "data" else 2]).partition("[")[0])
        if parts[0] in ("data", "ephemeral") and known is not None and not _OWN_DATA.fullmatch(path):
            found.append(path)
    return found
