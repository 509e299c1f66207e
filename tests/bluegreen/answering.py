"""Servers that misbehave, for clients to be tested against."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

Answer = tuple[int, bytes] | None  # None: the connection ends without one


@contextmanager
def answering(status: int | None, body: bytes = b"") -> Iterator[tuple[str, list[str]]]:
    """A server that answers every request so (None: not at all); its URL and the paths it was asked for."""
    with answering_in_turn([None if status is None else (status, body)]) as found:
        yield found


@contextmanager
def answering_in_turn(answers: Sequence[Answer]) -> Iterator[tuple[str, list[str]]]:
    """A server that gives these answers, then the last one for ever."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = answers[min(len(paths), len(answers) - 1)]
            paths.append(self.path)
            if answer is not None:
                self.send_response(answer[0])
                self.send_header("Content-Length", str(len(answer[1])))
                self.end_headers()
                self.wfile.write(answer[1])

        def log_message(self, *_: object) -> None:
            """Nothing: the test's output is not a log."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", paths
        finally:
            server.shutdown()
            thread.join()
