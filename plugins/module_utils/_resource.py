# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules that keep one AWS resource have in common.

Every such module goes the same way: read the current state, compare it with the wanted one, apply the difference, read
again. A state is a flat dictionary of the module's own option names. A property that the service does not report is
absent from it, and nothing is concluded from that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

try:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    Boto3Error = BotoCoreError = ClientError = Exception

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

State = dict[str, Any]
T = TypeVar("T")

PROPAGATION_SECONDS = 90
"""How long a new IAM role can take until other services accept it; usually about ten seconds."""


class WaitTimeoutError(Exception):
    """The resource did not become what was waited for."""


def retrying(*codes: str) -> Any:
    """The retries of every client here: throttling and service faults, and the given error codes."""
    return AWSRetry.jittered_backoff(retries=8, delay=1, max_delay=20, catch_extra_error_codes=list(codes))


def changes(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> State:
    """The properties of *wanted* that *current* has with another value.

    A wanted value of None means that the property is left as it is. Properties that *current* lacks were not reported.
    """
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and name in current and current[name] != value
    }


def unverified(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The wanted properties that the service does not report, so that drift in them could not be seen."""
    return sorted(name for name, value in wanted.items() if value is not None and name not in current)


def tags_wanted(current: Mapping[str, str], tags: Mapping[str, Any] | None, purge: bool) -> dict[str, str]:
    """The tags that the resource shall have. Tags of AWS itself (``aws:``) are not ours to remove."""
    if tags is None:
        return dict(current)
    kept = {name: value for name, value in current.items() if not purge or name.startswith("aws:")}
    return {**kept, **{str(name): str(value) for name, value in tags.items()}}


def tag_steps(current: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What to set and what to remove, so that *current* tags become the *wanted* ones."""
    to_set = {name: value for name, value in wanted.items() if current.get(name) != value}
    return to_set, sorted(set(current) - set(wanted))


def diff_of(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Any]:
    """A difference as Ansible prints it; a resource that does not exist is an empty document."""
    return {"before": dict(before or {}), "after": dict(after or {})}


@contextmanager
def doing(module: Any, action: str) -> Iterator[None]:
    """Fail with *action* in words, and the service's error code, when AWS refuses what happens inside."""
    try:
        yield
    except WaitTimeoutError as error:
        module.fail_json(msg=f"Cannot {action}: {error}")
    except (ClientError, BotoCoreError, Boto3Error) as error:
        module.fail_json_aws(error, msg=f"Cannot {action}", error_code=error_code(error))


def error_code(error: Exception) -> str:
    """The service's code of a botocore error, or the name of its class when the service was not reached."""
    response = getattr(error, "response", None) or {}
    return response.get("Error", {}).get("Code") or type(error).__name__


def arn_here(module: Any, client: Any, service: str, resource: str) -> str:
    """The ARN of *resource* in the account of the credentials, and in the partition and region of *client*."""
    with doing(module, "find out the account"):
        identity = module.client("sts", retrying()).get_caller_identity(aws_retry=True)
    partition = identity["Arn"].split(":")[1]
    return f"arn:{partition}:{service}:{client.client.meta.region_name}:{identity['Account']}:{resource}"


def wait_for(read: Callable[[], T], ready: Callable[[T], bool], timeout: float, pause: float = 1.0) -> T:
    """Read until *ready* says yes.

    Raises:
        WaitTimeoutError: *timeout* seconds have passed.
    """
    end = time.monotonic() + timeout
    while True:
        value = read()
        if ready(value):
            return value
        if time.monotonic() >= end:
            raise WaitTimeoutError(f"not ready after {timeout:g} seconds")
        time.sleep(pause)


def until_propagated(
    call: Callable[[], T],
    is_propagation: Callable[[Exception], bool],
    timeout: float = PROPAGATION_SECONDS,
    pause: float = 2.0,
) -> T:
    """Repeat *call* while it fails only because a role or policy made just now is not yet known everywhere."""
    end = time.monotonic() + timeout
    while True:
        try:
            return call()
        except ClientError as error:
            if not is_propagation(error) or time.monotonic() >= end:
                raise
            time.sleep(pause)
