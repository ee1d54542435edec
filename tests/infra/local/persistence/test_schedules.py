from __future__ import annotations

ASKED = {
    "ScheduleExpression": "cron(0 8 * * ? *)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:Tick", "RoleArn": "arn:aws:iam::1:role/r"},
}


def everything(machine):
    client = machine.client("scheduler")
    listed = client.list_schedules()["Schedules"]
    found = [client.get_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"]) for schedule in listed]
    return {(one["GroupName"], one["Name"]): {**one, "ResponseMetadata": None} for one in found}


def test_schedules_come_back_with_changes_and_without_what_was_deleted(machine):
    client = machine.client("scheduler")
    client.create_schedule_group(Name="group")
    for group in ("default", "group"):
        for name in "ab":
            client.create_schedule(Name=name, GroupName=group, **ASKED)
    client.update_schedule(Name="a", GroupName="group", **{**ASKED, "ScheduleExpression": "rate(1 hour)"})
    client.delete_schedule(Name="b", GroupName="group")
    client.delete_schedule(Name="b")
    before = everything(machine)
    assert set(before) == {("group", "a"), ("default", "a")}
    for _ in range(2):
        machine.restart()
        assert everything(machine) == before
