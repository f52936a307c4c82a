"""How is a process looked at from outside?  A few short answers over HTTP, from a thread: they come while its event loop is busy."""

from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

TEXT = "text/plain; charset=utf-8"

Answer = tuple[HTTPStatus, str, bytes]
"""Status, content type and body."""


def serve(host: str, port: int, answer: Callable[[str], Answer]) -> Callable[[], None]:
    """Listen until the function returned is called; raises OSError.  ``answer`` is asked for a path, without its query."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Scrapes are no news."""

    server = ThreadingHTTPServer((host, port), Handler)
    Thread(target=server.serve_forever, name="http", daemon=True).start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return stop
