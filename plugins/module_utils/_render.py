# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one render asks of the state machine, and which execution answers it.

A render without a name is named after its content: project, settings, output and the function's code. Run again with
the same content, it *is* the execution that runs or succeeded already. A failed one is followed by another attempt
(``intro-0f3a9c1be2d4-2``), because a name can be used only once. A name that the user gives is one execution, whatever
became of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._executions import (
    CANCELLED,
    Execution,
    ExecutionError,
    Machine,
    check_name,
    describe,
    taken,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import EXTENSIONS

PLAN_PROTOCOL = "v2"
OUTPUT_PREFIX = "outputs/"
RENDER_PREFIX = "renders/"
RESERVED_PREFIXES = (RENDER_PREFIX, "sites/", "handler/")
"""Prefixes of the bucket that have a purpose of their own; what lies under the first one expires."""

MAX_ATTEMPTS = 100
FAILED = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
_LABEL_LENGTH = 40


@dataclass(frozen=True)
class Request:
    """A render as asked for.

    Attributes:
        name: the execution's name, or None to derive it from the content.
        label: what a derived name begins with.
        output_key: key of the finished video, or None for ``outputs/<name>.<extension>``.
        code: digest of the function's code, so that a new build renders anew; empty where it is not known.
        reuse: whether chunks of earlier renders that show the same may be taken.
    """

    bucket: str
    project_uri: str
    config: Mapping[str, Any]
    label: str = "render"
    name: str | None = None
    output_key: str | None = None
    code: str = ""
    reuse: bool = True

    def names(self) -> list[str]:
        """The names that this render may have, in the order in which they are tried."""
        if self.name:
            check_name(self.name)
            return [self.name]
        base = f"{slug(self.label)}-{self.fingerprint()}"
        return [base, *(f"{base}-{attempt}" for attempt in range(2, MAX_ATTEMPTS + 1))]

    def fingerprint(self) -> str:
        content = [self.bucket, self.project_uri, self.config, self.output_key, self.code]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    def body(self, name: str) -> dict[str, Any]:
        """The execution's input, in the names of HyperFrames' wire format."""
        extension = EXTENSIONS[self.config.get("format", "mp4")]
        return {
            "ProjectS3Uri": self.project_uri,
            "PlanOutputS3Prefix": f"s3://{self.bucket}/{RENDER_PREFIX}{name}/",
            "OutputS3Uri": f"s3://{self.bucket}/{self.output_key or f'{OUTPUT_PREFIX}{name}{extension}'}",
            "Config": dict(self.config),
            "PlanProtocol": PLAN_PROTOCOL,
            **({} if self.reuse else {"ReuseChunks": False}),
        }


@dataclass(frozen=True)
class Choice:
    """The execution of a request: one that exists, or a name and an input for one that has to be started.

    Attributes:
        failed: the attempt before it, which may be able to go on instead.
    """

    name: str
    body: Mapping[str, Any]
    execution: Execution | None
    failed: Execution | None = None

    @property
    def resumable(self) -> Execution | None:
        """The last attempt, when Step Functions may let it go on.

        One that was cancelled has no plan any more. One that went on before and failed again is followed by another
        attempt, which looks anew at what there is.
        """
        failed = self.failed
        if failed is None or not failed.redrivable or failed.redrives or failed.error == CANCELLED:
            return None
        return failed


def slug(label: str) -> str:
    """*label* as a part of a name: ``My Intro!`` is ``my-intro``."""
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:_LABEL_LENGTH].strip("-") or "render"


def check_output_key(key: str | None) -> None:
    """Raises :class:`ExecutionError` for a key that cannot hold a finished video."""
    if key is None:
        return
    if not key or key.startswith("/") or key.endswith("/") or ".." in key.split("/") or len(key.encode()) > 1024:
        raise ExecutionError(f"output_key is {key!r}; expected a key such as outputs/intro.mp4")
    if key.startswith(RESERVED_PREFIXES):
        raise ExecutionError(
            f"output_key is {key!r}; the prefixes {', '.join(RESERVED_PREFIXES)} are not for finished videos "
            f"(what lies under {RENDER_PREFIX} expires)"
        )


def choose(
    client: Any, machine: Machine, request: Request, *, output_exists: Callable[[str], bool], force: bool = False
) -> Choice:
    """Find the execution of *request*, or the name that a new one is to have.

    Args:
        output_exists: whether the object at an S3 URI exists; a render whose video was deleted has to be made again.
        force: never take an execution that exists.

    Raises:
        ExecutionError: the name given is taken by another render, or by this one when *force* or a lost video asks for
            another run.
    """
    failed = None
    for name in request.names():
        body = request.body(name)
        found = describe(client, machine.execution_arn(name))
        if found is None:
            return Choice(name, body, None, failed)
        same = found.input == body
        delivered = found.status != "SUCCEEDED" or output_exists(body["OutputS3Uri"])
        if request.name:
            if not same:
                raise ExecutionError(taken(name))
            if force or not delivered:
                why = "force asks for another run" if force else "its video is gone"
                raise ExecutionError(f"the render {name} exists already and {why}; give another name, or none")
            return Choice(name, body, found, found if found.status in FAILED else None)
        failed = found if same and not force and found.status in FAILED else None
        if same and not force and (found.status == "RUNNING" or (found.status == "SUCCEEDED" and delivered)):
            return Choice(name, body, found)
    raise ExecutionError(f"{MAX_ATTEMPTS} attempts at this render exist; give it a name")


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``."""
    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
