"""Where an asynchronous event goes that a function keeps failing on.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
"""

import json

from moto.utilities.arns import parse_arn

from embedded_aws.clients import Credentials, boto_client
from embedded_aws.functions.model import Request

MESSAGE_CHARACTERS = 1024


def send(endpoint: str, credentials: Credentials, target: str, request: Request, message: str) -> None:
    """Send the event of `request` to a queue or topic, with what went wrong last as attributes.

    `credentials`: the function's: in AWS, too, its role needs the permission to.
    """
    where, event = parse_arn(target), json.dumps(request.event)
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": request.id},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},  # the HTTP status of the invocation
        "ErrorMessage": {"DataType": "String", "StringValue": message[:MESSAGE_CHARACTERS]},
    }
    client = boto_client(where.service, endpoint, credentials, where.region)
    if where.service == "sns":
        client.publish(TopicArn=target, Message=event, MessageAttributes=attributes)
    else:
        url = f"{endpoint}/{where.account}/{where.resource_id}"
        client.send_message(QueueUrl=url, MessageBody=event, MessageAttributes=attributes)
