"""DynamoDB's control plane, which takes no change at once, as AWS documents it, in front of the emulated cloud, where every change is there at once.

A command that does not wait, or does not try again, fails here as it would on AWS:

* a time can be restored only some minutes later: `InvalidRestoreTimeException` until then
  (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html);
* a restored table is CREATING for a while, and takes no change;
* a table is UPDATING after each change, and takes no other one: `ResourceInUseException`
  (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html);
* point-in-time recovery of a new table is not available at once: `ContinuousBackupsUnavailableException`
  (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html).

A restore while calls may still come is noted too: what they make would be lost. And the maximum throughput of indexes is
remembered, which the emulated cloud takes and forgets.
"""

import json
import urllib.error
import urllib.request

from loopback import serve

# So many looks show a table as CREATING or UPDATING after a change.
BUSY = 2
# So many attempts at a restore, and at point-in-time recovery, come too early.
TOO_EARLY = 2


class SlowTables:
    """Listens on loopback, and forwards what it does not delay. `noted` has what came too early."""

    def __init__(self, url, calls_are_stopped):
        self.target, self.calls_are_stopped = url, calls_are_stopped
        self.busy, self.index_limits, self.noted, self.restores, self.recoveries = {}, {}, set(), 0, 0
        self.url = serve(self._answer)

    def _answer(self, path, headers, body):
        operation = headers.get("x-amz-target", "").split(".")[-1]
        request, kind = json.loads(body), "application/x-amz-json-1.0"
        error = self._too_early(operation, request)
        if error:
            self.noted.add(error)
            error = {"__type": f"com.amazonaws.dynamodb.v20120810#{error}", "message": "not yet"}
            return 400, kind, json.dumps(error).encode()
        try:
            forwarded = urllib.request.Request(self.target + path, body, dict(headers), method="POST")
            with urllib.request.urlopen(forwarded, timeout=60) as answer:
                return answer.status, kind, self._edited(operation, request, answer.read())
        except urllib.error.HTTPError as answer:
            return answer.code, kind, answer.read()

    def _too_early(self, operation, request):
        """The error that AWS answers with."""
        table = request.get("TableName", "").split("/")[-1]
        if operation == "RestoreTableToPointInTime" and not request.get("UseLatestRestorableTime"):
            self.restores += 1
            if not self.calls_are_stopped():
                self.noted.add("a restore while calls may come")
            return "InvalidRestoreTimeException" if self.restores <= TOO_EARLY else None
        if operation == "UpdateContinuousBackups":
            self.recoveries += 1
            return "ContinuousBackupsUnavailableException" if self.recoveries <= TOO_EARLY else None
        if operation == "UpdateTable" and table in self.busy:
            return "ResourceInUseException"
        return None

    def _edited(self, operation, request, answer):
        table = request.get("TargetTableName") or request.get("TableName", "").split("/")[-1]
        if operation == "RestoreTableToPointInTime":
            self.busy[table] = ["CREATING"] * BUSY
        if operation == "UpdateTable":
            self.busy[table] = ["UPDATING"] * BUSY
            for update in request.get("GlobalSecondaryIndexUpdates", []):
                self.index_limits[table, update["Update"]["IndexName"]] = update["Update"].get("OnDemandThroughput")
        if operation != "DescribeTable":
            return answer
        described = json.loads(answer)
        if table in self.busy:
            described["Table"]["TableStatus"] = self.busy[table].pop()
            if not self.busy[table]:
                del self.busy[table]
        for index in described["Table"].get("GlobalSecondaryIndexes", []):
            limit = self.index_limits.get((table, index["IndexName"]))
            if limit:
                index["OnDemandThroughput"] = limit
        return json.dumps(described).encode()
