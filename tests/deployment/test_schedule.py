"""The schedule of the upkeep runs it. What it is and what its role may do is in `tests/it/template.rs` and `tests/template`.

The emulated cloud looks for schedules that are due every ten seconds, and sends what is declared.
"""

from loopback import wait_for


def schedule_runs_the_upkeep(stack, check):
    """Waits for the mark of the codes that `table.fill` has made."""

    def reports():
        lines = stack.log_lines("MaintenanceLogGroupName")
        return [line for line in lines if line.get("maintenance") == "upkeep" and line["marks_written"]]

    # A minute of the schedule, the ten seconds of the emulated cloud, and as many more.
    check.true("its report is in MaintenanceLogGroupName", wait_for(reports, 90, pause=2))
    marks = [item["sk"]["S"] for item in stack.table.scan() if item["pk"]["S"].startswith("marks#")]
    check.true("it has made a page mark", any(mark.endswith("100") for mark in marks), marks)
