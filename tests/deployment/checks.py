"""The checks of one part of the test: what held, and what did not."""

import contextlib
import threading
import time
import traceback


class Checks:
    """Compares, and keeps one line per check. Parts that run side by side have one each, so their lines stay together."""

    printing = threading.Lock()

    def __init__(self, part):
        self.part, self.made, self.failed, self.lines = part, 0, 0, []

    def equal(self, what, actual, expected, context=""):
        """Whether the check held."""
        self.made += 1
        if actual != expected:
            self.failed += 1
            self.lines.append(f"FAILED  {what}: expected {expected!r}, got {actual!r} {context}")
        else:
            self.lines.append(f"ok      {what}")
        return actual == expected

    def true(self, what, actual, context=""):
        return self.equal(what, bool(actual), True, context)

    def status(self, what, reply, status, code=None):
        got = reply.json.get("code") if code is not None and reply.text.startswith("{") else None
        return self.equal(what, (reply.status, got), (status, code), reply)

    def heading(self, text):
        self.lines.append(f"-- {text}")

    @contextlib.contextmanager
    def running(self):
        """Runs the part, counts an exception as a failed check, and prints the part's lines."""
        started = time.monotonic()
        try:
            yield self
        except Exception:
            self.made += 1
            self.failed += 1
            self.lines.append(f"FAILED  {self.part} ended early:\n{traceback.format_exc()}")
        with self.printing:
            print(f"\n== {self.part}: {self.made} checks, {self.failed} failed, {time.monotonic() - started:.1f} s")
            print("\n".join(self.lines), flush=True)
