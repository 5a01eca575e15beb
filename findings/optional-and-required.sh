#!/usr/bin/env bash
# datamodel-code-generator writes an optional field as `name: T | None = Field(None, …)`. pydantic takes the field for optional.
# mypy takes it for required where T is a class of its own, as of a date-time: it knows `default=` only by its name. With
# `--use-annotated` both agree.
set -euo pipefail
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check datamodel-code-generator==0.89.0 mypy==2.4.1 pydantic==2.14.4
cat >api.yaml <<'YAML'
openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
paths: {}
components:
  schemas:
    Thing:
      type: object
      properties:
        ends_at: { type: [string, "null"], format: date-time, description: When it ends. }
YAML
echo 'from thing import Thing; print(repr(Thing()))' >use.py
told() { # OPTION...
    venv/bin/datamodel-codegen --input api.yaml --input-file-type openapi --output thing.py --output-model-type \
        pydantic_v2.BaseModel --formatters builtin "$@" 2>log
    echo "$(venv/bin/python use.py) by pydantic; $(venv/bin/mypy --strict use.py | head -n 1) by mypy"
}
plain=$(told) annotated=$(told --use-annotated)
echo "datamodel-code-generator 0.89.0, pydantic 2.14.4, mypy 2.4.1: $plain"
echo "with --use-annotated: $annotated"
grep -q 'Thing(ends_at=None).*Missing named argument "ends_at"' <<<"$plain" && grep -q "Success" <<<"$annotated" ||
    { echo "This has changed."; exit 1; }
