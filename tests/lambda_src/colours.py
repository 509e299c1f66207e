"""What the switch looks at, of both colours: alarms, databases, secrets, services; and the topic. Each can be
broken.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lambda_src.contract.values import Colour
from tests.default_session import client
from tests.lambda_src import versions

INSTANCES = 2


@dataclass
class Colours:
    """On one embedded AWS, for all platforms there: `fix` makes whole what a test has broken."""

    environment: dict[str, str]  # of the function
    _broken: list[Callable[[], object]] = field(default_factory=list)

    @classmethod
    def create(cls, subnets: list[str]) -> "Colours":
        rds: Any = client("rds")
        rds.create_db_subnet_group(
            DBSubnetGroupName="databases", DBSubnetGroupDescription="both colours", SubnetIds=subnets
        )
        environment = {"TOPIC_ARN": client("sns").create_topic(Name="notifications")["TopicArn"]}
        versions.create_repository()
        for colour in Colour:
            environment |= _colour(colour)
        return cls(environment)

    def fix(self) -> None:
        while self._broken:
            self._broken.pop()()

    def alarm(self, colour: Colour, state: str) -> None:
        """Have the colour's composite alarm be in `state`."""
        _set_alarm(colour, state)
        self._broken.append(lambda: _set_alarm(colour, "OK"))

    def lose_alarm(self, colour: Colour) -> None:
        client("cloudwatch").delete_alarms(AlarmNames=[_composite(colour)])
        self._broken.append(lambda: _put_alarm(colour))

    def lose_instance(self, colour: Colour) -> None:
        last = self.environment[f"{colour.upper()}_INSTANCES"].split(",")[-1]
        client("rds").delete_db_instance(DBInstanceIdentifier=last, SkipFinalSnapshot=True)
        self._broken.append(lambda: _instance(colour, last))

    def stop_database(self, colour: Colour) -> None:
        rds = client("rds")
        rds.stop_db_cluster(DBClusterIdentifier=_cluster(colour))
        self._broken.append(lambda: rds.start_db_cluster(DBClusterIdentifier=_cluster(colour)))

    def will_deploy(self) -> None:
        """`fix` has both colours run the first version again."""
        self._broken += [partial(versions.reset, colour) for colour in Colour]

    def lose_credentials(self, colour: Colour) -> None:
        secrets, arn = client("secretsmanager"), self.environment[f"{colour.upper()}_SECRET_ARN"]
        secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
        self._broken.append(lambda: secrets.restore_secret(SecretId=arn))


def _colour(colour: Colour) -> dict[str, str]:
    rds: Any = client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier=_cluster(colour),
        Engine="aurora-mysql",
        MasterUsername="administrator",
        ManageMasterUserPassword=True,
        DBSubnetGroupName="databases",
    )
    instances = [f"{_cluster(colour)}-{number}" for number in range(INSTANCES)]
    for instance in instances:
        _instance(colour, instance)
    secret = client("secretsmanager").create_secret(
        Name=f"{colour}/database", SecretString='{"password": "rehearsed"}'
    )
    _put_alarm(colour)
    return {
        f"{colour.upper()}_ALARM": _composite(colour),
        f"{colour.upper()}_CLUSTER": _cluster(colour),
        f"{colour.upper()}_INSTANCES": ",".join(instances),
        f"{colour.upper()}_SECRET_ARN": secret["ARN"],
        **versions.create_service(colour),
    }


def _instance(colour: Colour, identifier: str) -> None:
    client("rds").create_db_instance(
        DBInstanceIdentifier=identifier,
        DBInstanceClass="db.r6g.large",
        Engine="aurora-mysql",
        DBClusterIdentifier=_cluster(colour),
    )


def _put_alarm(colour: Colour) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=f"{colour}-errors",
        Namespace="Test",
        MetricName="Errors",
        Period=60,
        EvaluationPeriods=1,
        Statistic="Sum",
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.put_composite_alarm(AlarmName=_composite(colour), AlarmRule=f'ALARM("{colour}-errors")')
    _set_alarm(colour, "OK")


def _set_alarm(colour: Colour, state: str) -> None:
    """The state of the child that the composite alarm is about, then of the composite alarm itself."""
    cloudwatch: Any = client("cloudwatch")
    child = "ALARM" if state == "ALARM" else "OK"
    for name, value in ((f"{colour}-errors", child), (_composite(colour), state)):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=value, StateReason="test")


def _composite(colour: Colour) -> str:
    return f"payments-{colour}"


def _cluster(colour: Colour) -> str:
    return f"payments-{colour}"
