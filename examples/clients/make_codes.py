"""Makes a code for each mentor of a list: `make_codes.py MENTORS.csv >codes.csv`. It needs Python alone.

The list has the columns mentor_id, org_id and, where you like, mentor_name. CODES_API is the URL of the service, and
CODES_TOKEN a token, if the service takes one. A mentor who has a code keeps it, so a run that broke off is run again.
"""
import csv
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = os.environ.get("CODES_API", "http://127.0.0.1:3000") + "/api/v1/referral-codes"
HEADERS = {"content-type": "application/json"}
if token := os.environ.get("CODES_TOKEN"):
    HEADERS["authorization"] = f"Bearer {token}"


def make(mentor: dict[str, str]) -> dict[str, str]:
    body = {name: mentor[name] for name in ("mentor_id", "org_id", "mentor_name") if mentor.get(name)}
    request = urllib.request.Request(URL, json.dumps(body).encode(), HEADERS)
    for attempt in range(5):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            # Busy, or too many calls. Every call may be repeated.
            if error.code not in (429, 503) or attempt == 4:
                raise
            time.sleep(int(error.headers.get("retry-after", 1)))
    raise AssertionError("the last attempt returns or raises")


def main() -> int:
    failed = 0
    codes = csv.writer(sys.stdout)
    codes.writerow(["mentor_id", "code", "url"])
    with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
        for mentor in csv.DictReader(file):
            try:
                code = make(mentor)
                codes.writerow([code["mentor_id"], code["code"], code["url"]])
            except urllib.error.HTTPError as error:
                failed += 1
                print(f"{mentor['mentor_id']}: {error.code} {error.read().decode()}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
