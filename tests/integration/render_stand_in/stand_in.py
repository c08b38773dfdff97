# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A function that answers on the wire as the handler does, without rendering: it fails, dawdles and recovers on demand.

What it is to do comes with the render's variables and travels in the plan hash, the one field that every later event
carries.
"""

import json
import time

import boto3

VIDEO = b"video"


def handler(event, context):
    said = {"message": "handler_start", "requestId": context.aws_request_id, "planPrefix": home_of(event)}
    print(json.dumps(said))
    return {"plan": plan, "renderChunk": render_chunk, "assemble": assemble}[event["Action"]](event)


def home_of(event):
    return event.get("PlanOutputS3Prefix") or json.loads(event["PlanHash"])["home"]


def plan(event):
    orders = {"home": event["PlanOutputS3Prefix"], **event["Config"].get("variables", {})}
    fail(orders, "plan")
    if orders.get("hold"):
        boto3.client("s3").put_object(**place(orders["home"] + "hold"), Body=b"")
    chunks = orders.get("chunks", 3)
    return {
        "PlanV2ManifestS3Uri": event["PlanOutputS3Prefix"] + "plan/plan.json",
        "PlanV2ArtifactS3Prefix": event["PlanOutputS3Prefix"] + "plan/",
        "PlanHash": json.dumps(orders),
        "ChunkCount": chunks,
        "MissingChunks": [index for index in range(chunks) if index not in orders.get("reused", [])],
        "ReusedChunks": [
            {"ChunkIndex": index, "Sha256": "0" * 64, "FramesEncoded": 10} for index in orders.get("reused", [])
        ],
        "TotalFrames": chunks * 10,
        "Fps": 10,
        "Width": 320,
        "Height": 180,
        "Format": event["Config"].get("format", "mp4"),
        "HasAudio": False,
        "Cfr": False,
        "Warnings": orders.get("warnings", []),
        "DurationMs": 1,
    }


def render_chunk(event):
    orders, index = json.loads(event["PlanHash"]), event["ChunkIndex"]
    fail(orders, f"chunk {index}")
    time.sleep(orders.get("seconds", 0) * (index + 1))
    while orders.get("hold") and exists(orders["home"] + "hold"):
        time.sleep(0.5)
    return {"ChunkIndex": index, "Sha256": "0" * 64, "FramesEncoded": 10, "DurationMs": 1}


def assemble(event):
    orders = json.loads(event["PlanHash"])
    fail(orders, "assemble")
    frames = sum(chunk["FramesEncoded"] for chunk in event["Chunks"] + event["ReusedChunks"])
    boto3.client("s3").put_object(**place(event["OutputS3Uri"]), Body=VIDEO)
    return {"OutputS3Uri": event["OutputS3Uri"], "FramesEncoded": frames, "FileSize": len(VIDEO), "DurationMs": 1}


def fail(orders, where):
    """Raise the error ordered for *where*; one that is ordered for some times passes then."""
    order = orders.get("fail", {}).get(where)
    if order is None or ("times" in order and failures(orders["home"], where) >= order["times"]):
        return
    raise type(order["code"], (Exception,), {})(order.get("message", "as ordered"))


def failures(home, where):
    """How often *where* has failed, this time included from now on: each failure leaves an object in the bucket."""
    s3, mark = boto3.client("s3"), place(f"{home}failures/{where}/")
    count = s3.list_objects_v2(Bucket=mark["Bucket"], Prefix=mark["Key"])["KeyCount"]
    s3.put_object(Bucket=mark["Bucket"], Key=f"{mark['Key']}{time.time_ns()}", Body=b"")
    return count


def exists(uri):
    found = place(uri)
    return boto3.client("s3").list_objects_v2(Bucket=found["Bucket"], Prefix=found["Key"])["KeyCount"] > 0


def place(uri):
    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}
