#!/usr/bin/env bash
# SQS encrypts a queue by a key of its own (`SqsManagedSseEnabled`), which is free. checkov's CKV_AWS_27 knows that of Terraform. Of
# CloudFormation it knows keys of KMS alone, and fails the same queue.
set -euo pipefail
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check checkov==3.3.30
mkdir managed kms terraform
queue() { # PROPERTY
    printf 'Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      %s\n' "$1"
}
queue "SqsManagedSseEnabled: true" >managed/template.yaml
queue "KmsMasterKeyId: alias/aws/sqs" >kms/template.yaml
cat >terraform/main.tf <<'HCL'
resource "aws_sqs_queue" "queue" {
  sqs_managed_sse_enabled = true
}
HCL
result() { # FOLDER
    venv/bin/checkov --directory "$1" --check CKV_AWS_27 --skip-download --quiet --compact >log 2>&1 && echo passed || echo failed
}
all=""
for folder in managed kms terraform; do
    found=$(result "$folder") && echo "checkov 3.3.30, $folder: $found" && all="$all $found"
done
[ "$all" = " failed passed passed" ] || { cat log && echo "This has changed."; exit 1; }
