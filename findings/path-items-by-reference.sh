#!/usr/bin/env bash
# OpenAPI 3.1 lets a path be a reference to `components/pathItems`. These three read such a file, report success, and leave the
# path's operations out without a word.
set -euo pipefail
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1 fastmcp==4.2.3
npm install --silent --no-audit --no-fund @kubb/cli@4.39.3 @kubb/core@4.39.3 @kubb/plugin-oas@4.39.3 @kubb/plugin-ts@4.39.3
cat >api.yaml <<'YAML'
openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
servers: [{ url: http://localhost }]
paths:
  /inline: { get: { operationId: getInline, responses: { "200": { description: Fine. } } } }
  /referred: { $ref: "#/components/pathItems/referred" }
components:
  pathItems:
    referred: { get: { operationId: getReferred, responses: { "200": { description: Fine. } } } }
YAML

venv/bin/openapi-python-client generate --path api.yaml --output-path python --meta none >python.log
cat >agent.py <<'PYTHON'
import asyncio, httpx2, yaml
from fastmcp import FastMCP
server = FastMCP.from_openapi(yaml.safe_load(open("api.yaml")), httpx2.AsyncClient(base_url="http://localhost"))
print([tool.name for tool in asyncio.run(server.list_tools())])
PYTHON
tools=$(venv/bin/python agent.py 2>agent.log)
cat >kubb.config.mjs <<'JS'
import { defineConfig } from "@kubb/core";
import { pluginOas } from "@kubb/plugin-oas";
import { pluginTs } from "@kubb/plugin-ts";
export default defineConfig({ input: { path: "api.yaml" }, output: { path: "kubb", format: false }, plugins: [pluginOas({ generators: [] }), pluginTs()] });
JS
node_modules/.bin/kubb generate --config kubb.config.mjs >kubb.log 2>&1

python=$(ls python/api/default) kubb=$(find kubb -name '[Gg]et*.ts' -printf '%f ')
echo "Both paths are described alike, /inline in place and /referred by reference. All three end with success, and have:"
echo "openapi-python-client 0.29.1:" $python
echo "FastMCP 4.2.3: $tools"
echo "kubb 4.39.3:" $kubb
has() { grep -qi "get_\?inline" <<<"$1" && ! grep -qi "get_\?referred" <<<"$1"; }
has "$python" && has "$tools" && has "$kubb" || { echo "This has changed."; exit 1; }
