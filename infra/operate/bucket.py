"""The bucket of a stack's packages, made when it is first needed."""

from __future__ import annotations

import hashlib
from typing import Any

from botocore.exceptions import ClientError

from infra.operate.refusals import Refused
from infra.operate.stage import Stage

CLOSED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def exists(stage: Stage) -> bool:
    """Whether it is there; raises Refused where somebody else has the name."""
    try:
        stage.client("s3").head_bucket(Bucket=stage.bucket, ExpectedBucketOwner=stage.account)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
            raise Refused(
                f"The bucket {stage.bucket} is not to be had: another account has it, or you may not use it "
                "(s3:ListBucket). Choose another stack name with --stack, or ask for the right."
            ) from None
        raise
    return True


def ensure(stage: Stage) -> None:
    """Makes the bucket if it is not there."""
    if exists(stage):
        return
    print(f"Making the bucket {stage.bucket}", flush=True)
    client = stage.client("s3")
    request: dict[str, Any] = {"Bucket": stage.bucket}
    if stage.region != "us-east-1":
        request["CreateBucketConfiguration"] = {"LocationConstraint": stage.region}
    client.create_bucket(**request)
    client.put_public_access_block(Bucket=stage.bucket, PublicAccessBlockConfiguration=CLOSED)


def upload(stage: Stage, content: bytes, before: str, after: str) -> str:
    """The key, named after the content, so that the same package is no change."""
    key = f"{before}{hashlib.sha256(content).hexdigest()[:24]}{after}"
    client = stage.client("s3")
    try:
        client.head_object(Bucket=stage.bucket, Key=key, ExpectedBucketOwner=stage.account)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        print(f"Uploading {key} ({len(content):,} bytes)", flush=True)
        client.put_object(Bucket=stage.bucket, Key=key, Body=content, ExpectedBucketOwner=stage.account)
    return key


def url(stage: Stage, key: str) -> str:
    """Where CloudFormation reads it."""
    suffix = "amazonaws.com.cn" if stage.partition == "aws-cn" else "amazonaws.com"
    return f"https://{stage.bucket}.s3.{stage.region}.{suffix}/{key}"


def remove(stage: Stage) -> None:
    """The bucket with all that is in it."""
    client = stage.client("s3")
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=stage.bucket):
        keys = [{"Key": one["Key"]} for one in page.get("Contents", ())]
        if keys:
            client.delete_objects(Bucket=stage.bucket, Delete={"Objects": keys}, ExpectedBucketOwner=stage.account)
    client.delete_bucket(Bucket=stage.bucket, ExpectedBucketOwner=stage.account)
