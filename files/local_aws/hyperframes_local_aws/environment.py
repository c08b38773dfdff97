# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""An execution environment: one process of the function at a time, one /tmp, invocations one after another.

Knows nothing of LocalStack. A process that timed out, exited or failed to initialise is gone with all its descendants;
the next invocation starts another, as Lambda does.
"""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from .isolation import Folders, Isolation, launch_command
from .launcher import EXIT_SETUP_FAILED
from .platform_logs import PlatformLogs
from .runtime_api import (
    MAX_RESPONSE_BYTES,
    Event,
    Exited,
    InitError,
    Invocation,
    Ready,
    Response,
    ResponseTooLarge,
    RuntimeApi,
)

INIT_SECONDS = 10
"""Lambda's allowance for init, on top of which a cold invocation may use its own timeout."""
_KILL_SECONDS = 10


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """What an environment needs to know of the function.

    Attributes:
        variables: the environment of the process but for what depends on the process itself.
        refusal: why the function cannot run here at all (another language, another processor), if so.
    """

    name: str
    version: str
    memory_mb: int
    timeout_s: float
    json_logs: bool
    variables: dict[str, str]
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an invocation; *logs* are lines as CloudWatch Logs would hold them."""

    payload: bytes
    is_error: bool
    logs: str


@dataclass(frozen=True, slots=True)
class _Result:
    payload: bytes
    status: str


@dataclass(slots=True)
class _Process:
    popen: subprocess.Popen
    api: RuntimeApi
    started: float
    initialised: bool = False

    def next_event(self, deadline: float) -> Event | None:
        """The next thing that the process does before *deadline*, or None."""
        try:
            return self.api.events.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None

    def kill(self) -> None:
        """End it and all that descends from it, by cutting the launcher's lifeline."""
        if self.popen.stdin:
            self.popen.stdin.close()
        try:
            self.popen.wait(_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        self.api.close()


@dataclass(slots=True)
class Environment:
    """See the module. *directory* is made by :meth:`start` and removed by :meth:`stop`."""

    function: FunctionSpec
    isolation: Isolation
    directory: Path
    code: Path
    runtime: Path
    layers: Path | None = None
    _process: _Process | None = None
    _stopped: bool = False
    _busy: threading.Lock = field(default_factory=threading.Lock)
    _log_position: int = 0

    @property
    def log_file(self) -> Path:
        return self.directory / "output.log"

    def start(self) -> None:
        """Begin init; :meth:`invoke` waits for its end."""
        folders = self._folders()
        for folder in (self.directory, folders.tmp, folders.root):
            folder.mkdir(parents=True, exist_ok=True)
        folders.tmp.chmod(0o700)
        self.isolation.give(folders.tmp)
        if not self.function.refusal:
            self._spawn()

    def invoke(self, request_id: str, payload: bytes, function_arn: str, trace_id: str) -> Outcome:
        """Run the function once; never raises for what the function does."""
        with self._busy:
            platform = PlatformLogs(self.function, request_id)
            if self.function.refusal:
                platform.start()
                result = _error("Runtime.Unsupported", f"RequestId: {request_id} Error: {self.function.refusal}")
                return self._finish(platform, result, 0.0)
            self._forget_finished_process()
            process = self._process or self._spawn()
            failed = None
            if not process.initialised:
                failed = self._await_init(process, request_id)
                platform.init_seconds = time.monotonic() - process.started
            platform.take(self._new_output())
            platform.start()
            begun = time.monotonic()
            if failed is None:
                deadline_ms = int((time.time() + self.function.timeout_s) * 1000)
                process.api.deliver(Invocation(request_id, payload, function_arn, trace_id, deadline_ms))
                failed = self._await_outcome(process, request_id, begun + self.function.timeout_s)
            return self._finish(platform, failed, time.monotonic() - begun)

    def stop(self) -> None:
        """Kill what runs and remove the environment's files."""
        self._stopped = True
        self._discard_process()
        shutil.rmtree(self.directory, ignore_errors=True)

    def output(self) -> str:
        """All that the environment's processes have written."""
        try:
            return self.log_file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def _folders(self) -> Folders:
        return Folders(self.code, self.runtime, self.directory / "tmp", self.directory / "root", self.layers)

    def _spawn(self) -> _Process:
        api = RuntimeApi()
        layout = self.isolation.layout(self._folders())
        variables = self.function.variables | {"AWS_LAMBDA_RUNTIME_API": api.address}
        arguments = ["-S", f"{layout.runtime}/bootstrap.py"]
        command = launch_command(
            self.isolation.spec(self._folders(), arguments, variables), self.directory / "spec.json"
        )
        with self.log_file.open("ab") as log:
            popen = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, env={}, start_new_session=True
            )
        self._process = _Process(popen, api, time.monotonic())
        threading.Thread(
            target=lambda: api.events.put(Exited(popen.wait())), name="lambda-process-waiter", daemon=True
        ).start()
        return self._process

    def _forget_finished_process(self) -> None:
        """A process that ended after its last answer is replaced, without an error for the next caller."""
        process = self._process
        while process and process.initialised and (event := process.next_event(0)) is not None:
            if isinstance(event, Exited):
                self._discard_process()
                return

    def _await_init(self, process: _Process, request_id: str) -> _Result | None:
        """None when the function is ready."""
        deadline = process.started + INIT_SECONDS + self.function.timeout_s
        event = process.next_event(deadline)
        if isinstance(event, Ready):
            process.initialised = True
            return None
        self._discard_process()
        if isinstance(event, InitError):
            return _Result(event.payload, "error")
        if event is None:
            return _timed_out(request_id, self.function.timeout_s)
        return self._exited(event, request_id)

    def _await_outcome(self, process: _Process, request_id: str, deadline: float) -> _Result:
        while True:
            event = process.next_event(deadline)
            match event:
                case Response(request_id=id, payload=body, is_error=is_error) if id == request_id:
                    return _Result(body, "failure" if is_error else "success")
                case ResponseTooLarge(request_id=id, size=size) if id == request_id:
                    return _error(
                        "Function.ResponseSizeTooLarge",
                        f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
                        f"({MAX_RESPONSE_BYTES} bytes).",
                        "failure",
                    )
                case Exited():
                    self._discard_process()
                    return self._exited(event, request_id)
                case None:
                    self._discard_process()
                    return _timed_out(request_id, self.function.timeout_s)

    def _exited(self, event: Event, request_id: str) -> _Result:
        code = event.code if isinstance(event, Exited) else 1
        if self._stopped:
            reason = "the environment was stopped"
        elif code == EXIT_SETUP_FAILED:
            reason = (self.output().strip().splitlines() or ["the environment could not be set up"])[-1]
        elif code == 0:
            reason = "Runtime exited without providing a reason"
        elif code > 128:
            reason = f"Runtime exited with error: signal: {code - 128}"
        else:
            reason = f"Runtime exited with error: exit status {code}"
        return _error("Runtime.ExitError", f"RequestId: {request_id} Error: {reason}")

    def _discard_process(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()

    def _finish(self, platform: PlatformLogs, result: _Result, seconds: float) -> Outcome:
        platform.take(self._new_output())
        platform.end(result.payload, result.status, seconds)
        return Outcome(result.payload, result.status != "success", platform.text())

    def _new_output(self) -> str:
        try:
            with self.log_file.open("rb") as file:
                file.seek(self._log_position)
                data = file.read()
        except FileNotFoundError:
            return ""
        self._log_position += len(data)
        return data.decode("utf-8", errors="replace")


def _timed_out(request_id: str, seconds: float) -> _Result:
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return _error("Sandbox.Timedout", message, "timeout")


def _error(kind: str, message: str, status: str = "error") -> _Result:
    return _Result(json.dumps({"errorType": kind, "errorMessage": message}).encode(), status)
