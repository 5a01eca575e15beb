"""A code's whole life over a client that a generator made: life.ts, in Python. The types are what a program expects."""

import os
import time
from typing import Any, Protocol


class Client(Protocol):
    """Each call returns the status, and the answer as the generated types read it."""

    def list(self, **query: Any) -> tuple[int, Any]: ...
    def create(self, mentor: str, org: str, name: str | None = None) -> tuple[int, Any]: ...
    def get(self, id: str) -> tuple[int, Any]: ...
    def rotate(self, id: str, mentor: str) -> tuple[int, Any]: ...
    def invalidate(self, id: str) -> tuple[int, Any]: ...
    def url(self, id: str) -> tuple[int, Any]: ...


def ok(answer: tuple[int, Any], status: int = 200) -> Any:
    assert answer[0] == status, answer
    return answer[1]


def problem(answer: tuple[int, Any], status: int, code: str) -> Any:
    assert answer[0] == status and answer[1].status == status and answer[1].code.value == code, answer
    return answer[1]


def live(client: Client) -> None:
    mentor = f"m-{os.getpid()}-{time.time_ns()}"
    first = ok(client.create(mentor, "org_1", "Jan"), 201)
    assert first.code.startswith("JAN-") and first.status.value == "active" and first.expires_at is None
    assert ok(client.create(mentor, "org_1")) == first
    assert problem(client.create(mentor, "org_2"), 409, "mentor_in_other_org").active_id == first.id

    assert ok(client.get(first.id)) == first
    assert str(ok(client.url(first.id)).url) == str(first.url)
    problem(client.rotate(first.id, "another"), 403, "mentor_mismatch")
    second = ok(client.rotate(first.id, mentor))
    assert second.previous_code == first.code and second.rotated_at is not None
    assert ok(client.rotate(first.id, mentor)) == second
    assert ok(client.get(first.id)).successor_id == second.id
    assert problem(client.url(first.id), 410, "code_not_active").code_status.value == "rotated"

    page = ok(client.list(mentor_id=mentor, limit=1))
    assert page.data == [second] and (page.pagination.page, page.pagination.total) == (1, 2)
    walk = ok(client.list(mentor_id=mentor, limit=1, cursor=""))
    rest = ok(client.list(mentor_id=mentor, limit=1, cursor=walk.pagination.next_cursor))
    assert [code.status.value for code in [*walk.data, *rest.data]] == ["active", "rotated"]
    assert problem(client.list(limit=0), 400, "invalid_parameter").errors[0].parameter == "limit"

    assert problem(client.invalidate(first.id), 409, "code_not_active").active_id == second.id
    ended = ok(client.invalidate(second.id))
    assert ok(client.invalidate(second.id)) == ended and ended.status.value == "invalidated"
    assert ok(client.get(second.id)).invalidated_at == ended.invalidated_at
    unknown = "rc_00000000"
    for answer in (client.get(unknown), client.url(unknown), client.invalidate(unknown), client.rotate(unknown, mentor)):
        problem(answer, 404, "code_not_found")
