"""Start ministack with AUTH=true, its ARNs mended: `python ministack_with_rights.py`, in ministack's own environment.

It asks policies about ARNs that AWS never uses, so that a policy that is right on AWS would be refused.
"""

from __future__ import annotations

import json
import os

os.environ["AUTH"] = "true"  # read when the application is imported

from ministack.core import iam_actions

original = iam_actions.extract_resource_arn


def fields(body):
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def resource_arn(service, method, path, headers, body, query_params, region, account_id):
    """Return the ARN that AWS compares with the Resource of a policy."""
    arn = original(service, method, path, headers, body, query_params, region, account_id)
    if service == "kms" and ":alias/" in arn:
        return key_arn(arn)
    if service == "events":
        return rule_arn(arn, fields(body), f"arn:aws:events:{region}:{account_id}")
    return arn


def key_arn(alias):
    """Return the ARN of the key: using a key by its alias is a right to the key, not to the alias."""
    from ministack.services import kms

    key = kms._resolve_key(alias)
    return key["Arn"] if key else alias


def rule_arn(arn, request, prefix):
    """Return the ARN of a rule of the default bus, which has no bus in it; some requests name the rule `Rule`."""
    name = request.get("Rule") if arn == "*" else arn.partition(":rule/default/")[2]
    return f"{prefix}:rule/{name}" if name and request.get("EventBusName", "default") == "default" else arn


iam_actions.extract_resource_arn = resource_arn

if __name__ == "__main__":
    from ministack.app import main

    main()
