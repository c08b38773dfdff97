# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What has to be mended in LocalStack 2026.3.0 for this project, one function a defect.

Each works on a module when it is first imported, so that a service that nobody calls costs no start-up time.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

CONCURRENCY_VARIABLE = "HYPERFRAMES_LOCAL_AWS_CONCURRENCY"


def bind_loopback(twisted_server: ModuleType) -> None:
    """LocalStack passes its port to Twisted and forgets the address, so that it listens on every interface."""
    endpoints = twisted_server.endpoints
    plain = endpoints.TCP4ServerEndpoint

    def on_loopback(reactor: Any, port: int, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("interface", "127.0.0.1")
        return plain(reactor, port, *args, **kwargs)

    endpoints.TCP4ServerEndpoint = on_loopback


def own_s3_folder(ephemeral_storage: ModuleType) -> None:
    """S3's objects lie under a fixed path in /tmp, where two LocalStacks overwrite each other's."""
    store = ephemeral_storage.EphemeralS3ObjectStore
    plain = store.__init__

    @functools.wraps(plain)
    def init(self: Any, root_directory: str | None = None) -> None:
        plain(self, os.path.join(tempfile.gettempdir(), os.path.basename(root_directory or "s3-storage")))

    store.__init__ = init


def jsonata_without_java(jsonata_module: ModuleType) -> None:
    """LocalStack evaluates JSONata in a JVM that it downloads; a Python implementation stands in."""

    def evaluate(expression: str) -> Any:
        from jsonata import Jsonata

        try:
            return _plain_json(Jsonata(expression).evaluate(None))
        except Exception as error:
            raise jsonata_module.JSONataException("UNKNOWN", str(error)) from error

    jsonata_module._eval_jsonata = evaluate


def stopped_stays_stopped(environment_module: ModuleType) -> None:
    """An execution that is stopped inside a Map trips over its own missing error, and ends FAILED, not ABORTED."""
    environment = environment_module.Environment
    plain = environment.set_error

    @functools.wraps(plain)
    def set_error(self: Any, error: Any) -> None:
        if not isinstance(self._program_state, environment_module.ProgramStopped):
            plain(self, error)

    environment.set_error = set_error


def stopped_has_a_reason(execution_module: ModuleType) -> None:
    """DescribeExecution forgets the error and the cause that StopExecution was given."""
    communication = execution_module.BaseExecutionWorkerCommunication
    plain = communication._reflect_execution_status

    @functools.wraps(plain)
    def reflect(self: Any) -> None:
        plain(self)
        state = self.execution.exec_worker.env.program_state()
        if isinstance(state, execution_module.ProgramStopped):
            self.execution.error, self.execution.cause = state.error, state.cause

    communication._reflect_execution_status = reflect


def started_in_spite_of_an_alias(alias_module: ModuleType) -> None:
    """StartExecution copies the state machine with its aliases, and an alias holds a lock, which cannot be copied."""
    alias_module.Alias.__deepcopy__ = lambda self, memo: self


def no_more_at_once_than_cores(assignment_module: ModuleType) -> None:
    """Not a defect: AWS gives each of sixteen chunks a machine, and here they would fight over this one.

    Beyond the limit an invocation waits for its turn, and then finds a warm environment. It counts as running
    meanwhile, so that reserved concurrency refuses what it would refuse on AWS; its time-out begins with its turn.
    """
    limit = int(os.environ.get(CONCURRENCY_VARIABLE) or 0)
    if limit <= 0:
        return
    service = assignment_module.AssignmentService
    plain = service.get_environment
    turns = threading.BoundedSemaphore(limit)

    @contextlib.contextmanager
    def get_environment(self: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        with turns:
            if importlib.import_module("localstack.runtime.events").infra_stopping.is_set():
                raise assignment_module.AssignmentException("LocalStack is stopping")
            with plain(self, *args, **kwargs) as environment:
                yield environment

    service.get_environment = get_environment


def saved_queries(responses_module: ModuleType) -> None:
    """Logs Insights runs no query that is saved, as there is no way to save one."""
    saved: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}

    def of(request: Any) -> dict[str, dict[str, Any]]:
        return saved.setdefault((request.current_account, request.region), {})

    def put(self: Any) -> str:
        known = self._get_param("queryDefinitionId")
        if known and known not in of(self):
            raise importlib.import_module("moto.logs.exceptions").ResourceNotFoundException()
        identity = known or str(uuid.uuid4())
        of(self)[identity] = {
            "queryDefinitionId": identity,
            "name": self._get_param("name"),
            "queryString": self._get_param("queryString"),
            "logGroupNames": self._get_param("logGroupNames") or [],
            "lastModified": int(time.time() * 1000),
        }
        return json.dumps({"queryDefinitionId": identity})

    def describe(self: Any) -> str:
        prefix = self._get_param("queryDefinitionNamePrefix") or ""
        found = [item for item in of(self).values() if item["name"].startswith(prefix)]
        return json.dumps({"queryDefinitions": found})

    def delete(self: Any) -> str:
        gone = of(self).pop(self._get_param("queryDefinitionId"), None)
        return json.dumps({"success": gone is not None})

    responses = responses_module.LogsResponse
    responses.put_query_definition = put
    responses.describe_query_definitions = describe
    responses.delete_query_definition = delete


MENDS: dict[str, Callable[[ModuleType], None]] = {
    "localstack.runtime.server.twisted": bind_loopback,
    "localstack.services.lambda_.invocation.assignment": no_more_at_once_than_cores,
    "localstack.services.s3.storage.ephemeral": own_s3_folder,
    "localstack.services.stepfunctions.asl.jsonata.jsonata": jsonata_without_java,
    "localstack.services.stepfunctions.asl.eval.environment": stopped_stays_stopped,
    "localstack.services.stepfunctions.backend.alias": started_in_spite_of_an_alias,
    "localstack.services.stepfunctions.backend.execution": stopped_has_a_reason,
    "moto.logs.responses": saved_queries,
}


def apply() -> None:
    """Mend what is imported already, and the rest when it is."""
    for name, mend in MENDS.items():
        if name in sys.modules:
            mend(sys.modules[name])
    sys.meta_path.insert(0, _Mender({name for name in MENDS if name not in sys.modules}))


class _Mender(importlib.abc.MetaPathFinder):
    """Finds modules the usual way, and mends those of :data:`MENDS` after they ran."""

    def __init__(self, waiting: set[str]) -> None:
        self._waiting = waiting

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name not in self._waiting:
            return None
        self._waiting.discard(name)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        loader = spec.loader
        plain = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            plain(module)
            MENDS[name](module)

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _plain_json(value: Any) -> Any:
    """JSONata's sequences and ranges as lists; whole floats as JSON writes them from a JVM."""
    if isinstance(value, dict):
        return {str(key): _plain_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | range) or type(value).__name__ == "RangeList":
        return [_plain_json(item) for item in value]
    if type(value).__name__ in ("NoneType", "bool", "int", "float", "str"):
        return value
    return None
