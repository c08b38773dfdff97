# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Run events against a handler ZIP on this machine, without AWS.

A folder stands in for S3: ``s3://bucket/key`` is ``STORAGE/bucket/key``. The sample events in a row make a render::

    python3.13 files/handler/run_event.py build/handler.zip files/handler/events/{plan,renderChunk,assemble}.json \\
        --project examples/demo --storage out/events

What one event needs of those before it (the plan's hash, the chunks) is filled in from their results, which are kept in
``STORAGE/results``. Without ``--chunk``, a renderChunk event is run for every chunk of the plan. The Python that runs
this has to be the version that the ZIP was built for. Everything is written below STORAGE.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

INVOKE = """
import json, sys, types
from hyperframes_lambda.handler import handler
event = json.load(open(sys.argv[1]))
result = handler(event, types.SimpleNamespace(aws_request_id="local"))
json.dump(result, open(sys.argv[2], "w"), indent=1)
"""


def main() -> int:
    """Entry point; the first event that fails ends it with 1. Its log line tells why."""
    options = _parser().parse_args()
    storage = options.storage.absolute()
    code = unpack(options.zip, storage / "code")
    for path in options.event:
        event = json.loads(path.read_text(encoding="utf-8"))
        if event.get("Action") == "plan" and options.project:
            stage(options.project, locate(storage, event["ProjectS3Uri"]))
        for filled in complete(event, storage, options.chunk):
            if not invoke(filled, code, storage):
                return 1
    return 0


def unpack(archive: Path, folder: Path) -> Path:
    """The code folder, as Lambda lays it out; kept for as long as the ZIP is the same."""
    target = folder / hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
    if not target.is_dir():
        draft = target.with_suffix(".new")
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(draft)
        draft.rename(target)
    return target


def stage(project: Path, target: Path) -> None:
    """Pack a project where the plan event looks for it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:gz", dereference=True) as archive:
        archive.add(project, arcname=".")


def complete(event: dict[str, Any], storage: Path, chunk: int | None) -> Iterator[dict[str, Any]]:
    """The event with what the results of earlier ones add; one for each chunk where no chunk is named."""
    action = event.get("Action")
    if action == "plan":
        yield event
        return
    planned = read_result(storage, "plan")
    event = {**event, "PlanHash": planned["PlanHash"], "Format": planned["Format"]}
    indexes = range(planned["ChunkCount"])
    if action == "renderChunk":
        for index in indexes if chunk is None else [chunk]:
            yield {**event, "ChunkIndex": index}
    else:
        kept = ("ChunkIndex", "Sha256", "FramesEncoded")
        chunks = [read_result(storage, f"renderChunk-{index}") for index in indexes]
        yield {**event, "Chunks": [{name: item[name] for name in kept} for item in chunks]}


def invoke(event: dict[str, Any], code: Path, storage: Path) -> bool:
    """Run the handler as Lambda does: in its code folder, with few variables, and a temporary folder of its own."""
    name = event["Action"] + (f"-{event['ChunkIndex']}" if "ChunkIndex" in event else "")
    result = storage / "results" / f"{name}.json"
    request = storage / "events" / f"{name}.json"
    for folder in (result.parent, request.parent, storage / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    request.write_text(json.dumps(event), encoding="utf-8")
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LD_LIBRARY_PATH": f"{code}:{code / 'lib'}",
        "LAMBDA_TASK_ROOT": str(code),
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(storage / "tmp"),
        "HYPERFRAMES_RENDER_BUCKET": bucket(event),
        "HYPERFRAMES_STORAGE_DIR": str(storage),
    }
    command = [sys.executable, "-c", INVOKE, str(request), str(result)]
    return subprocess.run(command, cwd=code, env=environment, check=False).returncode == 0


def bucket(event: dict[str, Any]) -> str:
    """The bucket that the event's URIs name."""
    uri = event.get("ProjectS3Uri") or event.get("PlanV2ManifestS3Uri") or "s3://none/"
    return uri.removeprefix("s3://").split("/")[0]


def locate(storage: Path, uri: str) -> Path:
    """The file that stands in for an object."""
    return storage / uri.removeprefix("s3://")


def read_result(storage: Path, name: str) -> dict[str, Any]:
    """The result of an earlier event."""
    path = storage / "results" / f"{name}.json"
    if not path.is_file():
        sys.exit(f"{path} does not exist: run the events in order: plan, renderChunk, assemble")
    return json.loads(path.read_text(encoding="utf-8"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("zip", type=Path, help="the handler's ZIP")
    parser.add_argument("event", type=Path, nargs="+", help="event files, run in the order given")
    parser.add_argument("--storage", type=Path, required=True, help="folder that stands in for S3, and for all else")
    parser.add_argument("--project", type=Path, help="folder of the composition, staged for the plan event")
    parser.add_argument("--chunk", type=int, help="index of the chunk to render; all of them unless given")
    return parser


if __name__ == "__main__":
    sys.exit(main())
