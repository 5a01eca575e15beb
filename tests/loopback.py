"""What the tests in Python share: programs and servers on loopback, and calls to them."""

import contextlib
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, {k.lower(): v for k, v in headers.items()}, body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body}"


class NotFollowed(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NotFollowed)


def call(method, url, token=None, body=None, headers=None):
    """One HTTP call."""
    request = urllib.request.Request(url, method=method, headers=dict(headers or {}))
    if token is not None:
        request.add_header("authorization", f"Bearer {token}")
    if body is not None:
        request.add_header("content-type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        with OPENER.open(request, timeout=60) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as answer:
        return Reply(answer.code, answer.headers, answer.read())


def wait_for(look, seconds, pause=0.2):
    """What `look` returns as soon as that counts as true, or what it has returned last."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(pause)
    return found


@contextlib.contextmanager
def running(*command, answers="/", **options):
    """A program on a free port, which stands for {port} in the command and the environment. Yields its URL when this path is answered.

    If an exception ends the use of the program, its log is printed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    words = [str(word).replace("{port}", port) for word in command]
    settings = options.pop("env", os.environ)
    environment = {name: value.replace("{port}", port) for name, value in settings.items()}

    def is_ready():
        if process.poll() is not None:
            raise SystemExit(f"{words[0]} ended with {process.returncode}")
        with contextlib.suppress(OSError):
            return call("GET", url + answers).status < 500

    with tempfile.TemporaryFile() as log, subprocess.Popen(words, stdout=log, stderr=log, env=environment, **options) as process:
        try:
            if not wait_for(is_ready, 60):
                raise SystemExit(f"{words[0]} does not answer")
            yield url
        except BaseException:
            log.seek(0)
            print(log.read().decode()[-6000:], file=sys.stderr)
            raise
        finally:
            process.terminate()


def serve(answer):
    """A server for the time of this process. `answer(path, headers, body)` returns a status, a content type and a body."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, kind, answered = answer(self.path, self.headers, body)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(answered)))
            self.end_headers()
            self.wfile.write(answered)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"
