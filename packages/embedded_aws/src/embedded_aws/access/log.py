"""One line for each request in the server's log: what was asked, the status, and whose request it was."""

from moto.moto_server.werkzeug_app import MotoRequestHandler

from embedded_aws.access.gate import CALLER

SIGNED = "X-Amz-Signature="


class RequestHandler(MotoRequestHandler):
    """moto's, with the caller's ARN at the end of the line; `-` where the request was refused."""

    protocol_version = "HTTP/1.1"  # as AWS answers

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Called once for each response."""
        caller = getattr(self, "environ", {}).get(CALLER, "-")
        line = self.requestline.translate(self._control_char_table)
        if SIGNED in line:  # a presigned URL is a key to what it names
            line = line.partition("?")[0] + "?… " + self.request_version
        self.log("info", '"%s" %s %s %s', line, code, size, caller)
