"""Secrets in the JSON, or in the state without a word of it in the JSON: each clause in three forms.

None of them opens anything.
"""

import base64
import gzip
import json
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, new, ref, with_

SWITCH = ("aws_lambda_function", "switching_switch_")
TASK = "aws_ecs_task_definition"
WORD, OTHER, THIRD = "-".join(("maple", "Granite", "58")), "Zebra9" + "lantern", "kT7" + "qv2Lw9xR"


def variable(name: str, value: Any) -> Any:
    return with_(*SWITCH, **{f"environment__variables__{name}": value})


def container(colour: str, **arguments: Any) -> Any:
    """Arguments of the container; lists are added to."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, TASK, colour)
        body = document["resource"][TASK][name]
        found = json.loads(body["container_definitions"])
        for key, value in arguments.items():
            found[0][key] = [*found[0].get(key, []), *value] if isinstance(value, list) else value
        body["container_definitions"] = json.dumps(found)
        return (f"{TASK}.{name}",)

    return place


def environment(colour: str, name: str, value: str) -> Any:
    return container(colour, environment=[{"name": name, "value": value}])


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def data(type_: str, label: str, **arguments: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        document.setdefault("data", {}).setdefault(type_, {})[label] = arguments
        return (f"data.{type_}.{label}",)

    return place


NAMES = [
    Case("…_PASS", variable("SMTP_PASS", WORD)),
    Case("pass within a word", environment("blue", "DBPASS", OTHER)),
    Case("…PASSWORD without a line", variable("MYSQLPASSWORD", WORD)),
    Case("…_PWD", environment("green", "REPLICA_PWD", THIRD)),
    Case("…AUTH", variable("REDISAUTH", OTHER)),
    Case("…_AUTH", with_("aws_lb", "", tags__BROKER_AUTH=WORD)),
    Case("auth of a proxy", environment("blue", "proxyAuth", THIRD)),
    Case("…_SK", variable("STRIPE_SK", OTHER)),
    Case("…Sk", environment("green", "adyenSk", THIRD)),
    Case("sk of a test", with_("aws_sns_topic", "", tags__acquirer_sk_test=WORD)),
    Case("a signing key", variable("JWT_SIGNING_KEY", WORD)),
    Case("a signing key in camel case", environment("blue", "webhookSigningKey", OTHER)),
    Case("a signature's key", with_("aws_sqs_queue", "switching_switch_", tags__signatureKey=THIRD)),
    Case("an encryption key", variable("FIELD_ENCRYPTION_KEY", OTHER)),
    Case("an AES key", environment("green", "aesKey", THIRD)),
    Case("a data key", with_("aws_vpc", "", tags__CARD_DEK=WORD)),
    Case("camel case", variable("dbUserPassword", WORD)),
    Case("camel case with a number", environment("blue", "apiToken2", OTHER)),
    Case("capitals in camel case", with_("aws_ecr_repository", "", tags__SMTPPassword=THIRD)),
]
FUNCTIONS = [
    Case("base64encode", variable("DB_PASSWORD", f'${{base64encode("{WORD}")}}')),
    Case("sensitive", environment("green", "API_TOKEN", f'${{sensitive("{OTHER}")}}')),
    Case("base64gzip", variable("SETTINGS", f'${{base64gzip("password={THIRD}")}}')),
    Case(
        "sensitive in an output",
        lambda document: (
            document["output"].update(root_password={"value": f'${{sensitive("{WORD}")}}'})
            or ("output.root_password",)
        ),
    ),
    Case("format", variable("DSN_TEXT", f'${{format("%s:%s@tcp(db:3306)/p", "app", "{WORD}")}}')),
]
CODED = [
    Case("base64", variable("BOOTSTRAP", coded(f"export DB_PASSWORD={WORD}\n"))),
    Case("base64 of JSON", environment("blue", "CONFIG", coded(json.dumps({"db": {"password": OTHER}})))),
    Case(
        "compressed",
        variable("SEED_FILE", base64.b64encode(gzip.compress(f"api_token: {THIRD}\n".encode() * 3)).decode()),
    ),
    Case("twice", environment("green", "BLOB", coded(coded(f"token={WORD}")))),
]
FILES = [
    Case(
        "an object",
        new("aws_s3_object", "f1", bucket="b", key="app.ini", content=f"[db]\npassword = {WORD}\n", tags={}),
    ),
    Case("a file", new("aws_appconfig_hosted_configuration_version", "x7", content=f"PGPASSWORD={OTHER}")),
    Case(
        "a parameter",
        new(
            "aws_ssm_parameter",
            "p3",
            name="/app/ini",
            type="String",
            tags={},
            insecure_value=f"user=app\npassword={THIRD}\n",
        ),
    ),
]
SOURCES = [
    Case("of Go", variable("DATABASE", f"app:{WORD}@tcp(db.internal:3306)/payments")),
    Case("of ODBC", environment("blue", "CONNECTION", f"Server=db;Uid=app;Pwd={OTHER};")),
    Case("of PostgreSQL", variable("CONNINFO", f"host=db user=app password={THIRD} dbname=p")),
    Case("of Oracle", environment("green", "LEDGER", f"app/{WORD}@//db.internal:1521/payments")),
    Case("of JDBC", variable("JDBC", f"jdbc:mysql://db/p?user=app&password={OTHER}")),
]
FLAGS = [
    Case("after a flag", container("green", command=["/app/run", "--db-password", WORD])),
    Case("after a flag of one line", container("blue", entryPoint=["/app/run", "-token", OTHER])),
    Case("in one text", container("green", command=["sh", "-c", f"run --api-key {THIRD} --verbose"])),
    Case("with a sign", container("blue", command=["/app/run", f"--redis-auth={WORD}"])),
]
COMMANDS = [
    Case("of curl", container("blue", command=["sh", "-c", f"curl -u app:{WORD} https://x.internal"])),
    Case("of a URL", container("green", command=["git", "clone", f"https://app:{OTHER}@git.internal/x"])),
    Case(
        "in the environment of a command", container("blue", command=["sh", "-c", f"PGPASSWORD={THIRD} psql"])
    ),
    Case("label", container("green", dockerLabels={"com.example.db-password": WORD})),
    Case("label of a token", container("blue", dockerLabels={"traefik.auth.token": THIRD})),
    Case("label in a text", container("green", dockerLabels={"proxy": f"apikey={OTHER}"})),
    Case("header", container("blue", command=["curl", "-H", f"Authorization: Bearer {THIRD}abcdef"])),
    Case("basic", container("green", command=["curl", "-H", f"Authorization: Basic {coded('app:' + WORD)}"])),
    Case("own header", container("blue", command=["wget", f"--header=X-Api-Key: {OTHER}"])),
]
STATE = [
    Case("keys of users", new("aws_iam_access_key", "u1", user="deployer")),
    Case("passwords of users", new("aws_iam_user_login_profile", "u2", user="deployer")),
    Case("keys of mail", new("aws_iam_service_specific_credential", "u3", user="x", service_name="x")),
    Case("a TLS key", new("tls_private_key", "t1", algorithm="RSA")),
    Case("a key pair of Lightsail", new("aws_lightsail_key_pair", "t2", name="x")),
    Case("an ACME certificate", new("acme_certificate", "t3", account_key_pem="x")),
    Case("a cluster's token", data("aws_eks_cluster_auth", "c1", name="x")),
    Case("a registry's token", data("aws_ecr_authorization_token", "c2")),
    Case("a public registry's token", data("aws_ecrpublic_authorization_token", "c3")),
    Case("a parameter, read", data("aws_ssm_parameter", "s1", name="/payments/api-token")),
    Case("a parameter, decrypted", data("aws_ssm_parameter", "s2", name="/x", with_decryption="true")),
    Case("parameters of a path", data("aws_ssm_parameters_by_path", "s3", path="/payments")),
    Case("a payload", data("aws_kms_secrets", "k1", secret=[{"name": "x", "payload": "AQI="}])),
    Case("a payload to encrypt", new("aws_kms_ciphertext", "k2", key_id="x", plaintext=THIRD)),
    Case("an old payload", data("aws_kms_secret", "k3", secret=[{"name": "x", "payload": "AQI="}])),
    Case("a password of chance", new("random_password", "r1", length=32)),
]

OTHER_FORMS = [
    Case("a key stuck to a name", variable("STRIPEKEY", OTHER)),
    Case("another language", variable("DB_KENNWORT", WORD)),
    Case("a bind of a directory", environment("green", "LDAP_BIND", THIRD)),
    Case("of the client of MySQL", container("green", command=["mysql", "-uroot", "-p" + WORD])),
    Case(
        "of the client in a shell", container("blue", command=["sh", "-c", f"mysqldump -u app -p{OTHER} p"])
    ),
    Case("in XML", environment("green", "SETTINGS", f"<db><password>{WORD}</password></db>")),
    Case("in hexadecimal digits", variable("BOOT", f"password={OTHER}".encode().hex())),
    Case("of a map service", environment("blue", "MAPS", "AIza" + "Sy" + (THIRD * 4)[:33])),
    Case("in a description", with_("aws_sns_topic", "", tags__Note=f"log in with password={WORD}")),
    Case(
        "in the description of an alarm",
        with_("aws_cloudwatch_metric_alarm", "blue_server-errors", alarm_description=f"use password={WORD}"),
    ),
    Case(
        "in what an output demands",
        lambda document: (
            document["output"].update(
                ready={
                    "value": "1",
                    "precondition": {"condition": True, "error_message": f"try token={OTHER}"},
                }
            )
            or ("output.ready",)
        ),
    ),
    Case(
        "a header of testers",
        new(
            "aws_lb_listener_rule",
            "h4",
            listener_arn=ref("aws_lb_listener", "https"),
            priority=9,
            tags={},
            condition=[
                {"source_ip": {"values": ["198.51.100.0/24"]}},
                {"http_header": {"http_header_name": "X-Auth-Token", "values": [THIRD]}},
            ],
            action=[{"type": "forward", "target_group_arn": ref("aws_lb_target_group", "green")}],
        ),
    ),
    Case(
        "written only",
        new("aws_ssm_parameter", "p8", name="/x", type="SecureString", value_wo=WORD, value_wo_version=1),
    ),
]

CASES = [
    *OTHER_FORMS,
    *NAMES,
    *FUNCTIONS,
    *CODED,
    *FILES,
    *SOURCES,
    *FLAGS,
    *COMMANDS,
    *STATE,
]
