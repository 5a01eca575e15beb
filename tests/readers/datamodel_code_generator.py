import json
import sys
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from generated import Action, Code, CodeList, GetOrCreate, Invalidated, Problem, Rotate, Urls
from life import live
from pydantic import BaseModel

BASE = f"{sys.argv[1]}/api/v1/referral-codes"


def send(model: type[BaseModel], method: str, path: str = "", body: BaseModel | None = None) -> tuple[int, Any]:
    data = None if body is None else body.model_dump_json(exclude_none=True).encode()
    request = urllib.request.Request(BASE + path, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, model.model_validate(json.load(answer))
    except urllib.error.HTTPError as error:
        return error.code, Problem.model_validate(json.load(error))


class Api:
    def list(self, **query: Any) -> tuple[int, Any]:
        return send(CodeList, "GET", f"?{urlencode(query)}")

    def create(self, mentor: str, org: str, name: str | None = None) -> tuple[int, Any]:
        return send(Code, "POST", body=GetOrCreate(mentor_id=mentor, org_id=org, mentor_name=name))

    def get(self, id: str) -> tuple[int, Any]:
        return send(Code, "GET", f"/{id}")

    def rotate(self, id: str, mentor: str) -> tuple[int, Any]:
        return send(Code, "PUT", f"/{id}", Rotate(mentor_id=mentor, action=Action.rotate))

    def invalidate(self, id: str) -> tuple[int, Any]:
        return send(Invalidated, "DELETE", f"/{id}")

    def url(self, id: str) -> tuple[int, Any]:
        return send(Urls, "GET", f"/{id}/url")


live(Api())
