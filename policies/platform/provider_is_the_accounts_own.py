"""The AWS provider is the public one, talks to AWS alone, and is bound to the platform's account."""

import re
from collections import Counter
from collections.abc import Iterator

from stack_gate.stack import Block, Stack, is_false, listed, strings

from policies._accounts import ACCOUNT, Accounts, fields
from policies._policy import StackPolicy
from policies.platform._providers import SOURCE, aws, local_name, roles, sources, versions
from policies.platform._tags import KEYS

# What may be set. All others change whom the provider talks to, as whom, or what it checks before.
# Source: AWS provider documentation, "Argument Reference".
_HARMLESS = frozenset({
    "alias", "allowed_account_ids", "assume_role", "assume_role_with_web_identity", "default_tags",
    "ignore_tags", "max_retries", "region", "retry_mode", "use_dualstack_endpoint", "use_fips_endpoint",
    "version",
})  # fmt: skip
_KEYS = frozenset({"access_key", "secret_key", "token"})  # CKV2_BG_250 judges their values
_ONE = 1
# A constraint with an upper end. Source: Terraform documentation, "Version Constraints".
_BOUNDED = re.compile(r"<|~>|(?:^|,)\s*=?\s*\d|\$\{")


class ProviderIsTheAccountsOwn(StackPolicy):
    policy = "CKV2_BG_270"
    title = "The aws provider is the public one, talks to AWS alone, and names its one account"
    requirement = "R36"
    pci = "6.3.2"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "The operator of that provider or server gets the credentials of the apply"
    fix = (
        "take hashicorp/aws from the public registry, set allowed_account_ids to the account, and take "
        "endpoints, proxies, certificate authorities, foreign roles and skipped checks out"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        named, providers, constraints = sources(stack), aws(stack), versions(stack)
        allowed = [text for name, text in constraints.items() if named.get(name) == SOURCE]
        if not providers and named.get("aws", SOURCE) != SOURCE:
            yield None, f"takes the aws provider from {named['aws']}"
        for provider in providers:
            source = named.get(local_name(provider), SOURCE)
            if source != SOURCE:
                yield provider, f"comes from {source}"
            if source == SOURCE and not any(map(_BOUNDED.search, allowed)):
                said = ", ".join(filter(None, allowed)) or "any version"
                yield provider, f"takes {said}: the next major version comes by itself"
            yield from ((provider, what) for what in [*_settings(provider), *_account(provider)])


def _settings(provider: Block) -> Iterator[str]:
    for name, value in provider.body.items():
        if name not in _HARMLESS | _KEYS and value and not is_false(value):
            yield f"sets {name}"
    for ignored in provider.blocks("ignore_tags"):
        keys, prefixes = (listed(ignored.get(name)) for name in ("keys", "key_prefixes"))
        if lost := [key for key in KEYS if key in keys or any(key.startswith(str(p)) for p in prefixes)]:
            yield f"ignores the required tags {', '.join(lost)}"


def _account(provider: Block) -> Iterator[str]:
    named = listed(provider.get("allowed_account_ids"))
    accounts = provider.stack.derived(Accounts)
    if len(named) != _ONE or str(named[0]) not in accounts.own:
        yield (
            "names no account in allowed_account_ids"
            if not named
            else "doesn't name exactly the stack's account"
        )
    elif others := _elsewhere(provider.stack, accounts):
        yield f"names the account {named[0]}, and the stack's ARNs are of {others}"
    for role in roles(provider.body):
        if not accounts.is_own(role):
            yield f"takes on the role {role}, which is not known to be of this account"


def _elsewhere(stack: Stack, accounts: Accounts) -> str:
    """The account of the stack's ARNs, where none is of the provider's: not all can be strangers."""
    found = Counter(
        field
        for block in stack.resources()
        for text in strings(block.body)
        for field in fields(text)
        if ACCOUNT.fullmatch(field)
    )
    return found.most_common(1)[0][0] if found and not accounts.own & set(found) else ""


check = ProviderIsTheAccountsOwn()
