#!/usr/bin/env bash
# A parameter's `default` is what the server assumes if the parameter is absent. openapi-python-client sends it in every call that
# leaves the parameter out. So an optional parameter with a default that excludes another one makes the other unusable.
set -euo pipefail
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1
cat >api.yaml <<'YAML'
openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - { name: page, in: query, schema: { type: integer, default: 1 }, description: Not together with cursor. }
        - { name: cursor, in: query, schema: { type: string } }
      responses: { "200": { description: Fine. } }
YAML
venv/bin/openapi-python-client generate --path api.yaml --output-path things --meta none >log
cat >call.py <<'PYTHON'
import httpx
from things import Client
from things.api.default import list_things
asked = []
answer = lambda request: asked.append(request.url.query.decode()) or httpx.Response(200)
client = Client(base_url="http://localhost", httpx_args={"transport": httpx.MockTransport(answer)})
list_things.sync_detailed(client=client, cursor="abc")
print(asked[0])
PYTHON
sent=$(venv/bin/python call.py)
echo "openapi-python-client 0.29.1: list_things(cursor=\"abc\") asks for ?$sent"
[ "$sent" = "page=1&cursor=abc" ] || { echo "This has changed."; exit 1; }
