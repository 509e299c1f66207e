"""The AWS provider and the backend: whom Terraform talks to, as whom, and where it keeps the state."""

from collections.abc import Callable
from typing import Any

from tests.policies.harness import STACK, Document, Mutant, Mutation, Pair

AWS, SECOND = "provider.aws", "provider.h4c1"
STRANGER = "arn:aws:iam::210987654321:role/deploy"
OWN = STRANGER.replace("210987654321", "123456789012")
BACKEND = {
    "bucket": "state", "encrypt": True, "key": "x.tfstate", "kms_key_id": "alias/terraform-state",
    "region": "us-east-1", "use_lockfile": True,
}  # fmt: skip


def at(policy: str, *addresses: str) -> Callable[[Document], set[Pair]]:
    return lambda _: {(policy, address) for address in addresses}


def provider(**arguments: Any) -> Mutation:
    """Sets arguments; None takes one out."""

    def mutate(document: Document) -> None:
        body = document["provider"]["aws"][0]
        for name, value in arguments.items():
            if value is None:
                del body[name]
            else:
                body[name] = value

    return mutate


def required(**sources: str) -> Mutation:
    def mutate(document: Document) -> None:
        for name, source in sources.items():
            providers = document["terraform"]["required_providers"]
            providers[name] = {"version": "5.100.0", **providers.get(name, {}), "source": source}

    return mutate


def second(**arguments: Any) -> Mutation:
    """The same provider under another name."""

    def mutate(document: Document) -> None:
        required(h4c1="registry.terraform.io/hashicorp/aws")(document)
        document["provider"]["h4c1"] = [arguments]

    return mutate


def backend(*, listed: bool = False, **arguments: Any) -> Mutation:
    """The S3 backend of a deployed stack, with other arguments; None takes one out."""

    def mutate(document: Document) -> None:
        body = {name: value for name, value in (BACKEND | arguments).items() if value is not None}
        document["terraform"]["backend"] = {"s3": [body] if listed else body}

    return mutate


TAGS = {"tags": {"Environment": "local", "CostCenter": "payments", "MigrationPhase": "rehearsal"}}
WHOLE = {"region": "us-east-1", "default_tags": [TAGS], "allowed_account_ids": ["123456789012"]}
OURS = at("CKV2_BG_270", AWS)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in WHOLE.items() if key != name}


SOURCES = [
    Mutant(f"aws provider from {source}", required(aws=source), OURS)
    for source in ("registry.example.org/hashicorp/aws", "acme/aws", "app.terraform.io/hashicorp/aws")
]

SETTINGS_BY_KIND: dict[str, dict[str, Any]] = {
    "a block": {"endpoints": {"secretsmanager": "https://secrets.example.org"}},
    "a list": {"endpoints": [{"sts": "http://192.0.2.1"}, {"rds": "http://192.0.2.2"}]},
    "an address": {"ec2_metadata_service_endpoint": "http://192.0.2.1"},
    "http": {"http_proxy": "http://192.0.2.1:3128"},
    "https": {"https_proxy": "http://192.0.2.1:3128"},
    "a file": {"custom_ca_bundle": "ca.pem"},
    "true": {"insecure": True},
    "text": {"skip_credentials_validation": "true"},
    "a digit": {"skip_region_validation": "1"},
    "true too": {"skip_requesting_account_id": True},
    "files": {"shared_config_files": ["config"]},
    "a profile": {"profile": "other"},
    "a required tag": {"ignore_tags": {"keys": ["CostCenter"]}},
    "a prefix of one": {"ignore_tags": [{"key_prefixes": ["Env"]}]},
    "all": {"ignore_tags": {"key_prefixes": [""]}},
    "a stranger's": {"assume_role": [{"role_arn": STRANGER}]},
    "a stranger's, as a block": {"assume_role": {"role_arn": STRANGER, "session_name": "x"}},
    "a stranger's, by a token": {"assume_role_with_web_identity": {"role_arn": STRANGER}},
    "none": {"allowed_account_ids": []},
    "two": {"allowed_account_ids": ["123456789012", "210987654321"]},
    "no account": {"allowed_account_ids": ["production"]},
}

SETTINGS = [
    Mutant(f"provider with {next(iter(arguments))}: {kind}", provider(**arguments), OURS)
    for kind, arguments in SETTINGS_BY_KIND.items()
]

LOCAL_NAMES = [
    Mutant("no account at all", provider(allowed_account_ids=None), OURS),
    Mutant("the provider's second name without an account", second(**without("allowed_account_ids")),
           at("CKV2_BG_270", SECOND)),
    Mutant("the provider's second name with a proxy", second(**WHOLE, https_proxy="http://192.0.2.1"),
           at("CKV2_BG_270", SECOND)),
    Mutant("the provider's second name without a region", second(**without("region")),
           at("CKV2_BG_36", SECOND)),
    Mutant("the provider's second name without tags", second(**without("default_tags")),
           at("CKV2_BG_34", SECOND)),
]  # fmt: skip

STATES: dict[str, dict[str, Any]] = {
    "in plain text": {"encrypt": None},
    "in plain text, said": {"encrypt": False},
    "in plain text, as text": {"encrypt": "false", "listed": True},
    "without a key": {"kms_key_id": None},
    "with an empty key": {"kms_key_id": "", "listed": True},
    "with a key of AWS": {"kms_key_id": "alias/aws/s3"},
    "with a stranger's key": {"kms_key_id": "arn:aws:kms:us-east-1:210987654321:key/1"},
    "at another host": {"endpoints": {"s3": "https://s3.example.org"}},
    "at another host, in the old way": {"endpoint": "https://s3.example.org"},
    "at another host's metadata": {"ec2_metadata_service_endpoint": "http://192.0.2.1", "listed": True},
    "by a stranger's role": {"role_arn": STRANGER},
    "by a stranger's role, in a block": {"assume_role": {"role_arn": STRANGER}},
    "by a stranger's role, in a list": {"assume_role": [{"role_arn": STRANGER}], "listed": True},
    "for everybody": {"acl": "public-read"},
    "without checks": {"skip_credentials_validation": True},
}

STATE = [
    Mutant(f"state {what}", backend(**arguments), at("CKV2_BG_271", STACK))
    for what, arguments in STATES.items()
]

HARMLESS = [
    Mutant(f"harmless: {what}", mutation, lambda _: set())
    for what, mutation in {
        "an s3 backend": backend(),
        "an s3 backend as a list, its flags as text": backend(listed=True, encrypt="1"),
        "the registry's host": required(aws="registry.terraform.io/hashicorp/aws"),
        "checks that are said to be done": provider(skip_region_validation="0", insecure=False),
        "tags that are not required": provider(ignore_tags={"keys": ["LastScan"]}),
        "a role of its own account": provider(
            assume_role={"role_arn": STRANGER.replace("210987654321", "123456789012")}
        ),
        "the provider's second name, whole": second(**WHOLE),
    }.items()
]

MUTANTS = [*SOURCES, *SETTINGS, *LOCAL_NAMES, *STATE, *HARMLESS]
