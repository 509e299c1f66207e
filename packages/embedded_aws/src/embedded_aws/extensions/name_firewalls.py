"""Stock moto has no DNS Firewall of Route 53 Resolver: no lists, rules, groups, associations, settings.

Each is kept as its request has it. Names end with a dot in answers, as AWS answers them, also `*` (issue
23543 of Terraform's provider). Of queries, those of services that leave by `egress/` are refused.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53_Resolver.html
"""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.route53resolver.models import Route53ResolverBackend
from moto.route53resolver.responses import Route53ResolverResponse as Asked

from embedded_aws.extensions import Server, replace

Kept = dict[str, Any]
LIST, GROUP, ASSOCIATION = "firewall-domain-list", "firewall-rule-group", "firewall-rule-group-association"
PREFIXES = {LIST: "rslvr-fdl", GROUP: "rslvr-frg", ASSOCIATION: "rslvr-frgassoc"}
RULE = (
    *("FirewallRuleGroupId", "FirewallDomainListId", "Name", "Priority", "Action", "BlockResponse", "Qtype"),
    *("BlockOverrideDomain", "BlockOverrideDnsType", "BlockOverrideTtl", "FirewallDomainRedirectionAction"),
)


def install(_: Server) -> None:
    """Add operations to moto's resolver."""
    operations: dict[str, Callable[[Asked], Kept]] = {
        "associate_firewall_rule_group": _associate,
        "create_firewall_domain_list": _create_list,
        "create_firewall_rule": _create_rule,
        "create_firewall_rule_group": _create_group,
        "delete_firewall_domain_list": lambda asked: _delete(asked, LIST, "FirewallDomainList"),
        "delete_firewall_rule": _delete_rule,
        "delete_firewall_rule_group": lambda asked: _delete(asked, GROUP, "FirewallRuleGroup"),
        "disassociate_firewall_rule_group": _disassociate,
        "get_firewall_config": lambda asked: {"FirewallConfig": _config(asked)},
        "get_firewall_domain_list": lambda asked: {"FirewallDomainList": _shown(_find(asked, LIST))},
        "get_firewall_rule_group": lambda asked: {"FirewallRuleGroup": _shown(_find(asked, GROUP))},
        "get_firewall_rule_group_association": lambda asked: {
            "FirewallRuleGroupAssociation": _find(asked, ASSOCIATION)
        },
        "list_firewall_configs": lambda asked: {"FirewallConfigs": list(_configs(asked).values())},
        "list_firewall_domains": lambda asked: {"Domains": sorted(_find(asked, LIST)["domains"])},
        "list_firewall_rules": lambda asked: {"FirewallRules": _find(asked, GROUP)["rules"]},
        "update_firewall_config": _update_config,
        "update_firewall_domains": _update_domains,
        "update_firewall_rule": _update_rule,
        "update_firewall_rule_group_association": _update_association,
    }
    for name, act in operations.items():
        _answer(name, act)
    replace(Route53ResolverBackend, "_matched_arn", _matched)


def _answer(name: str, act: Callable[[Asked], Kept]) -> None:
    def answer(self: Asked) -> str:
        return json.dumps(act(self))

    setattr(Asked, name, answer)


def _held(backend: Route53ResolverBackend, kind: str) -> dict[str, Kept]:
    kept: dict[str, Kept] = vars(backend).setdefault(f"kept_{kind}", {})
    return kept


def _matched(stock: Callable[..., None], backend: Route53ResolverBackend, resource_arn: str) -> None:
    if not any(one["Arn"] == resource_arn for kind in PREFIXES for one in _held(backend, kind).values()):
        stock(backend, resource_arn)


def _shown(found: Kept) -> Kept:
    """Without what is ours."""
    return {name: value for name, value in found.items() if name[0].isupper()}


def _find(asked: Asked, kind: str, parameter: str = "") -> Kept:
    name = (
        parameter
        or {
            LIST: "FirewallDomainListId",
            GROUP: "FirewallRuleGroupId",
            ASSOCIATION: "FirewallRuleGroupAssociationId",
        }[kind]
    )
    found = _held(asked.route53resolver_backend, kind).get(asked._get_param(name))
    if found is None:
        raise JsonRESTError("ResourceNotFoundException", f"{kind} does not exist: {asked._get_param(name)}")
    return found


def _new(asked: Asked, kind: str, **more: Any) -> Kept:
    backend = asked.route53resolver_backend
    id_ = f"{PREFIXES[kind]}-{uuid.uuid4().hex[:13]}"
    arn = f"arn:aws:route53resolver:{backend.region_name}:{backend.account_id}:{kind}/{id_}"
    found = {
        "Id": id_,
        "Arn": arn,
        "Name": asked._get_param("Name"),
        "CreatorRequestId": asked._get_param("CreatorRequestId"),
        "Status": "COMPLETE",
        "StatusMessage": "",
        **more,
    }
    _held(backend, kind)[id_] = found
    backend.tagger.tag_resource(arn, asked._get_param("Tags") or [])
    return found


def _create_list(asked: Asked) -> Kept:
    return {"FirewallDomainList": _shown(_new(asked, LIST, DomainCount=0, domains=set()))}


def _update_domains(asked: Asked) -> Kept:
    found, operation = _find(asked, LIST), asked._get_param("Operation")
    named = {f"{name.rstrip('.').lower()}." for name in asked._get_param("Domains")}
    if operation == "REPLACE":
        found["domains"] = named
    else:
        found["domains"] = found["domains"] | named if operation == "ADD" else found["domains"] - named
    found["DomainCount"] = len(found["domains"])
    return {name: found[name] for name in ("Id", "Name", "Status", "StatusMessage")}


def _create_group(asked: Asked) -> Kept:
    owner = asked.route53resolver_backend.account_id
    found = _new(asked, GROUP, RuleCount=0, OwnerId=owner, ShareStatus="NOT_SHARED", rules=[])
    return {"FirewallRuleGroup": _shown(found)}


def _create_rule(asked: Asked) -> Kept:
    group = _find(asked, GROUP)
    _find(asked, LIST)
    rule = {name: asked._get_param(name) for name in RULE}
    rule["FirewallDomainRedirectionAction"] = (
        rule["FirewallDomainRedirectionAction"] or "INSPECT_REDIRECTION_DOMAIN"
    )
    if any(one["Priority"] == rule["Priority"] for one in group["rules"]):
        raise JsonRESTError("ConflictException", f"priority {rule['Priority']} is taken")
    group["rules"].append({name: value for name, value in rule.items() if value is not None})
    group["RuleCount"] = len(group["rules"])
    return {"FirewallRule": group["rules"][-1]}


def _rule(asked: Asked) -> tuple[Kept, Kept]:
    group, list_ = _find(asked, GROUP), asked._get_param("FirewallDomainListId")
    for rule in group["rules"]:
        if rule["FirewallDomainListId"] == list_:
            return group, rule
    raise JsonRESTError("ResourceNotFoundException", f"no rule for {list_}")


def _update_rule(asked: Asked) -> Kept:
    _, rule = _rule(asked)
    rule.update({name: value for name in RULE if (value := asked._get_param(name)) is not None})
    return {"FirewallRule": rule}


def _delete_rule(asked: Asked) -> Kept:
    group, rule = _rule(asked)
    group["rules"].remove(rule)
    group["RuleCount"] = len(group["rules"])
    return {"FirewallRule": rule}


def _associate(asked: Asked) -> Kept:
    found = _new(
        asked,
        ASSOCIATION,
        FirewallRuleGroupId=_find(asked, GROUP)["Id"],
        VpcId=asked._get_param("VpcId"),
        Priority=asked._get_param("Priority"),
        MutationProtection=asked._get_param("MutationProtection") or "DISABLED",
    )
    return {"FirewallRuleGroupAssociation": found}


def _update_association(asked: Asked) -> Kept:
    found = _find(asked, ASSOCIATION)
    names = ("Name", "Priority", "MutationProtection")
    found.update({name: value for name in names if (value := asked._get_param(name)) is not None})
    return {"FirewallRuleGroupAssociation": found}


def _disassociate(asked: Asked) -> Kept:
    """A protected one stays: API reference, AssociateFirewallRuleGroup, MutationProtection."""
    found = _find(asked, ASSOCIATION)
    if found["MutationProtection"] == "ENABLED":
        raise JsonRESTError("ConflictException", f"{found['Id']} is protected against mutation")
    return {
        "FirewallRuleGroupAssociation": _held(asked.route53resolver_backend, ASSOCIATION).pop(found["Id"])
    }


def _delete(asked: Asked, kind: str, named: str) -> Kept:
    found, backend = _find(asked, kind), asked.route53resolver_backend
    users = [
        *_held(backend, ASSOCIATION).values(),
        *(rule for group in _held(backend, GROUP).values() for rule in group["rules"]),
    ]
    id_name = "FirewallDomainListId" if kind == LIST else "FirewallRuleGroupId"
    if any(user[id_name] == found["Id"] for user in users if id_name in user):
        raise JsonRESTError("ConflictException", f"{found['Id']} is in use")
    return {named: _shown(_held(backend, kind).pop(found["Id"]))}


def rules_of(backend: Route53ResolverBackend, vpc: str) -> Iterator[tuple[Kept, set[str]]]:
    """The rules that judge a query of the VPC, in their order, each with its names."""
    associations = [one for one in _held(backend, ASSOCIATION).values() if one["VpcId"] == vpc]
    for association in sorted(associations, key=lambda one: int(one["Priority"])):
        group = _held(backend, GROUP)[association["FirewallRuleGroupId"]]
        for rule in sorted(group["rules"], key=lambda one: int(one["Priority"])):
            yield rule, _held(backend, LIST)[rule["FirewallDomainListId"]]["domains"]


def _configs(asked: Asked) -> dict[str, Kept]:
    return _held(asked.route53resolver_backend, "firewall-config")


def _config(asked: Asked) -> Kept:
    vpc, owner = asked._get_param("ResourceId"), asked.route53resolver_backend.account_id
    new = {"Id": f"rslvr-fc-{uuid.uuid4().hex[:13]}", "ResourceId": vpc, "OwnerId": owner}
    return _configs(asked).setdefault(vpc, {**new, "FirewallFailOpen": "DISABLED"})


def _update_config(asked: Asked) -> Kept:
    found = _config(asked)
    found["FirewallFailOpen"] = asked._get_param("FirewallFailOpen")
    return {"FirewallConfig": found}
