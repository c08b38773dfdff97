# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""LocalStack's view of an execution environment: its ``RuntimeExecutor``, over :mod:`.environment`."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .environment import Environment, FunctionSpec
from .folders import CodeStore, digest_of, runtime_folder
from .isolation import Folders, best_isolation
from .variables import function_variables

_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
_ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
_live: weakref.WeakSet[ProcessRuntimeExecutor] = weakref.WeakSet()


class ProcessRuntimeExecutor(RuntimeExecutor):
    """One execution environment of a function version."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._environment: Environment | None = None

    def start(self, env_vars: dict[str, str]) -> None:
        """Begin init. Its failure is the answer to the invocation that waits for it, log and all, as on Lambda;
        raising here would lose the log."""
        version, config = self.function_version, self.function_version.config
        isolation = best_isolation()
        code, layers = _acquire_folders(version)
        directory = state_folder() / "environments" / self.id
        folders = Folders(code, runtime_folder(state_folder()), directory / "tmp", directory / "root", layers)
        runtime = str(config.runtime or _RUNTIME)
        self._environment = Environment(
            FunctionSpec(
                name=version.id.function_name,
                version=version.id.qualifier,
                memory_mb=config.memory_size,
                timeout_s=config.timeout,
                json_logs=config.logging_config.get("LogFormat") == "JSON",
                variables=function_variables(
                    env_vars, config.environment or {}, runtime, isolation, isolation.layout(folders)
                ),
                refusal=_refusal(version),
            ),
            isolation,
            directory,
            code,
            folders.runtime,
            layers,
        )
        _live.add(self)
        self._environment.start()

    def stop(self) -> None:
        _live.discard(self)
        if self._environment:
            self._environment.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        request_id = payload["invoke-id"]
        outcome = self._started().invoke(
            request_id, payload["payload"].encode(), payload["invoked-function-arn"], payload["trace-id"]
        )
        return InvocationResult(request_id, outcome.payload, outcome.is_error, outcome.logs)

    def get_logs(self) -> str:
        return self._started().output() if self._environment else ""

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Not needed: the function's process speaks to its environment's own port."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        best_isolation()
        _acquire_folders(function_version)

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        _code_store().release(_user(function_version))

    @classmethod
    def validate_environment(cls) -> bool:
        best_isolation()
        return True

    def _started(self) -> Environment:
        if not self._environment:
            raise RuntimeError(f"execution environment {self.id} was not started")
        return self._environment


def stop_all() -> None:
    """Stop every environment that runs, side by side."""
    executors = list(_live)
    if executors:
        with ThreadPoolExecutor(len(executors)) as pool:
            list(pool.map(ProcessRuntimeExecutor.stop, executors))


@cache
def state_folder() -> Path:
    """Where this LocalStack keeps what functions run from."""
    folder = Path(os.environ.get("HYPERFRAMES_LOCAL_AWS_LAMBDA_DIR") or Path(tempfile.gettempdir(), "lambda"))
    shutil.rmtree(folder / "environments", ignore_errors=True)
    shutil.rmtree(folder / "runtime", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _code_store() -> CodeStore:
    isolation = best_isolation()
    return CodeStore(state_folder() / "code", read_only=not isolation.namespaces)


def _acquire_folders(version: FunctionVersion) -> tuple[Path, Path | None]:
    """The function's unzipped code and, when it has layers, their merged folder."""
    code = version.config.code
    if code.is_hot_reloading():
        task_root = code.get_unzipped_code_location()
    else:
        task_root = _acquire([code], version)
    layers = [layer.code for layer in version.config.layers or ()]
    return task_root, _acquire(layers, version) if layers else None


def _acquire(codes: list, version: FunctionVersion) -> Path:
    def fetch(folder: Path) -> list[Path]:
        archives = []
        for number, code in enumerate(codes):
            archive = folder / f"{number}.zip"
            with archive.open("wb") as file:
                code._download_archive_to_file(file)
            archives.append(archive)
        return archives

    return _code_store().acquire(digest_of(*(code.code_sha256 for code in codes)), _user(version), fetch)


def _user(version: FunctionVersion) -> str:
    return f"{version.qualified_arn} {version.config.internal_revision}"


def _refusal(version: FunctionVersion) -> str | None:
    config = version.config
    if config.runtime and str(config.runtime) != _RUNTIME:
        return f"the function's runtime is {config.runtime}; the embedded AWS runs {_RUNTIME} only"
    if config.architectures and _ARCHITECTURE not in [str(name) for name in config.architectures]:
        return f"the function is built for {', '.join(config.architectures)}; this machine is {_ARCHITECTURE}"
    return None
