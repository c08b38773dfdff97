# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Digests in place of values that are not to be printed.

Ansible's own ``no_log`` blanks a value wherever it stands in a result: ``INFO`` or ``1`` in an environment would take
pieces of all else along, and whether a value changed could not be seen.
"""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

TOLD_LENGTH = 8
"""Characters of a value from which on it is looked for in messages; shorter ones are part of many a word."""


def fingerprint(text: str) -> str:
    """The beginning of the SHA-256 of *text*."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def shown_url(url: str) -> str:
    """*url* with a digest of all of it in place of what may hold a token: all but its scheme and host."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # such as an address in brackets that is none
        host = None
    return f"{parts.scheme}://{host}/{fingerprint(url)}" if host else fingerprint(url)


def without(value: Any, secrets: Iterable[str]) -> Any:
    """*value*, a result of any depth, with digests of *secrets* in place of them wherever they stand in a text."""
    found = sorted({secret for secret in secrets if len(secret) >= TOLD_LENGTH}, key=len, reverse=True)
    return _without(value, [(form, fingerprint(secret)) for secret in found for form in _forms(secret)])


def _forms(secret: str) -> set[str]:
    """As it is, and as it stands in JSON and in Python's own words for a text."""
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}


def _without(value: Any, pairs: list[tuple[str, str]]) -> Any:
    if isinstance(value, Mapping):
        return {_without(name, pairs): _without(item, pairs) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without(item, pairs) for item in value]
    if isinstance(value, str):
        for secret, digest in pairs:
            value = value.replace(secret, digest)
    return value


def aws_module(
    *,
    shown: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    secrets: Callable[[Mapping[str, Any]], Iterable[str]],
    **arguments: Any,
) -> AnsibleAWSModule:
    """A module some of whose options are secret. What it was given is part of every result, also of one that says that
    an option is wrong, and messages of AWS may repeat it.

    Args:
        shown: the options as they may be printed. It gets them as they came, of any type.
        secrets: the values that no message may hold, of the options as they came.
        arguments: those of ``AnsibleAWSModule``.
    """

    class Discreet(AnsibleModule):
        def exit_json(self, **result: Any) -> NoReturn:
            super().exit_json(**{**result, "invocation": {"module_args": shown(self.params)}})

        def fail_json(self, msg: Any, **details: Any) -> NoReturn:
            if isinstance(details.get("exception"), BaseException):
                details["exception"] = "".join(traceback.format_exception(details["exception"]))
            told = without({**details, "msg": str(msg)}, secrets(self.params))
            super().fail_json(**{**told, "invocation": {"module_args": shown(self.params)}})

    settings = AnsibleAWSModule.default_settings
    AnsibleAWSModule.default_settings = {**settings, "module_class": Discreet}  # It looks nowhere else for the class.
    try:
        # no_log is of what is given: the system's log is not to hold it either.
        return AnsibleAWSModule(no_log=True, **arguments)
    finally:
        AnsibleAWSModule.default_settings = settings
