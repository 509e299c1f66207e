"""What the load balancer answers by itself: redirects, fixed responses, errors.

Sources: Elastic Load Balancing user guide, "Rule action types" and "HTTP error codes".
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from embedded_aws.load_balancer.configuration import Json
from embedded_aws.load_balancer.rules import Asked

SERVER = {"Server": "awselb/2.0"}
REDIRECTS = {"HTTP_301": HTTPStatus.MOVED_PERMANENTLY, "HTTP_302": HTTPStatus.FOUND}
PLACEHOLDER = re.compile(r"#\{(protocol|host|port|path|query)\}")


def error(status: HTTPStatus) -> web.Response:
    """An error of the load balancer's own."""
    title = f"{status.value} {status.phrase}"
    page = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
    return web.Response(status=status.value, text=page, content_type="text/html", headers=SERVER)


def fixed(config: Json) -> web.Response:
    """A fixed-response action."""
    return web.Response(
        status=int(config["StatusCode"]),
        text=config.get("MessageBody") or "",
        content_type=config.get("ContentType") or "text/plain",
        headers=SERVER,
    )


def redirect(config: Json, asked: Asked, listener: tuple[str, int], ports: Mapping[int, int]) -> web.Response:
    """A redirect action. `listener`: protocol and port of the one that was asked.

    `ports`: local ports by the ports that they stand for; the redirect leads to a listener on this machine.
    """
    protocol, port = listener
    given = {
        "protocol": protocol,
        "host": asked.host,
        "port": str(port),
        "path": asked.path.removeprefix("/"),  # the slash is outside of the placeholder: `/#{path}`
        "query": asked.query,
    }

    def filled(name: str, default: str) -> str:
        return PLACEHOLDER.sub(lambda match: given[match[1]], str(config.get(name) or default))

    to_protocol = filled("Protocol", "#{protocol}").lower()
    to_port = int(filled("Port", "#{port}"))
    to_query = filled("Query", "#{query}")
    url = f"{to_protocol}://{filled('Host', '#{host}')}:{ports.get(to_port, to_port)}"
    url += filled("Path", "/#{path}") + (f"?{to_query}" if to_query else "")
    return web.Response(status=REDIRECTS[config["StatusCode"]].value, headers={**SERVER, "Location": url})
