import sys
from typing import Any

from generated import Client
from generated.api.codes import (
    build_referral_url, get_or_create_referral_code, get_referral_code, invalidate_code, list_referral_codes, rotate_code,
)
from generated.models import GetOrCreate, Rotate, RotateAction
from generated.types import UNSET, Response
from life import live


def answer(response: Response[Any]) -> tuple[int, Any]:
    return response.status_code, response.parsed


class Api:
    def __init__(self) -> None:
        self.client = Client(base_url=sys.argv[1])

    def list(self, **query: Any) -> tuple[int, Any]:
        return answer(list_referral_codes.sync_detailed(client=self.client, **query))

    def create(self, mentor: str, org: str, name: str | None = None) -> tuple[int, Any]:
        body = GetOrCreate(mentor_id=mentor, org_id=org, mentor_name=name or UNSET)
        return answer(get_or_create_referral_code.sync_detailed(client=self.client, body=body))

    def get(self, id: str) -> tuple[int, Any]:
        return answer(get_referral_code.sync_detailed(id, client=self.client))

    def rotate(self, id: str, mentor: str) -> tuple[int, Any]:
        body = Rotate(mentor_id=mentor, action=RotateAction.ROTATE)
        return answer(rotate_code.sync_detailed(id, client=self.client, body=body))

    def invalidate(self, id: str) -> tuple[int, Any]:
        return answer(invalidate_code.sync_detailed(id, client=self.client))

    def url(self, id: str) -> tuple[int, Any]:
        return answer(build_referral_url.sync_detailed(id, client=self.client))


live(Api())
