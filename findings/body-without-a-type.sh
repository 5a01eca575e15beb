#!/usr/bin/env bash
# The fetch client that kubb generates sends a JSON body without saying so: `fetch` then calls it text/plain, which a server that
# looks at the type refuses with 415. The description has no other type than application/json.
set -euo pipefail
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
npm install --silent --no-audit --no-fund @kubb/cli@4.39.3 @kubb/core@4.39.3 @kubb/plugin-oas@4.39.3 @kubb/plugin-ts@4.39.3 \
    @kubb/plugin-client@4.39.3 esbuild@0.28.2
cat >api.yaml <<'YAML'
openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
paths:
  /things:
    post:
      operationId: makeThing
      requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } }
      responses: { "200": { description: Fine., content: { application/json: { schema: { type: object } } } } }
YAML
cat >kubb.config.mjs <<'JS'
import { defineConfig } from "@kubb/core";
import { pluginClient } from "@kubb/plugin-client";
import { pluginOas } from "@kubb/plugin-oas";
import { pluginTs } from "@kubb/plugin-ts";
export default defineConfig({
  input: { path: "api.yaml" }, output: { path: "things", format: false },
  plugins: [pluginOas({ generators: [] }), pluginTs(), pluginClient({ client: "fetch", bundle: true })],
});
JS
node_modules/.bin/kubb generate --config kubb.config.mjs >log 2>&1
cat >call.ts <<'TS'
import { makeThing } from "./things";
globalThis.fetch = async (url, options) => {
  console.log(new Request("http://localhost" + url, options).headers.get("content-type"));
  return new Response("{}");
};
void makeThing({ name: "a" });
TS
node_modules/.bin/esbuild call.ts --bundle --platform=node --log-level=warning --outfile=call.js
sent=$(node call.js)
echo "kubb 4.39.3: makeThing({ name: \"a\" }) sends its JSON with content-type: $sent"
[ "$sent" = "text/plain;charset=UTF-8" ] || { echo "This has changed."; exit 1; }
