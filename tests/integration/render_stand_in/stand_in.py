# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A function that answers on the wire as the handler does, without rendering: it fails, dawdles and recovers on demand.

What it is to do comes with the render's variables and travels in the plan hash, the one field that every later event
carries.
"""

import json
import os
import time

import boto3

VIDEO = b"video"


def handler(event, context):
    return {"plan": plan, "renderChunk": render_chunk, "assemble": assemble}[event["Action"]](event)


def plan(event):
    orders = {"at": time.time(), **event["Config"].get("variables", {})}
    fail(orders, "plan")
    chunks = orders.get("chunks", 3)
    return {
        "PlanV2ManifestS3Uri": event["PlanOutputS3Prefix"] + "plan/plan.json",
        "PlanV2ArtifactS3Prefix": event["PlanOutputS3Prefix"] + "plan/",
        "PlanHash": json.dumps(orders),
        "ChunkCount": chunks,
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
    return {"ChunkIndex": index, "Sha256": "0" * 64, "FramesEncoded": 10, "DurationMs": 1}


def assemble(event):
    orders = json.loads(event["PlanHash"])
    fail(orders, "assemble")
    frames = sum(chunk["FramesEncoded"] for chunk in event["Chunks"])
    bucket, _slash, key = event["OutputS3Uri"].removeprefix("s3://").partition("/")
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=VIDEO)
    return {"OutputS3Uri": event["OutputS3Uri"], "FramesEncoded": frames, "FileSize": len(VIDEO), "DurationMs": 1}


def fail(orders, where):
    """Raise the error ordered for *where*, or die; an error with a time passes when that time has."""
    order = orders.get("fail", {}).get(where)
    if order is None or time.time() - orders["at"] > order.get("for", 1e9):
        return
    if order["code"] == "die":
        os._exit(1)
    raise type(order["code"], (Exception,), {})(order.get("message", "as ordered"))
