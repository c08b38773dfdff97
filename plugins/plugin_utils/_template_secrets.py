# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is left out of a template of CloudFormation: each value that may be secret is a parameter that is not shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from ..module_utils._secrets import fingerprint


def parameters(resources: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters for what may be secret: a function's environment beside the stack's own, and the URLs of topics."""
    found = {}
    for resource in resources.values():
        made = resource.get("Properties", {})
        if resource.get("Type") == "AWS::Lambda::Function":
            for name, value in made.get("Environment", {}).get("Variables", {}).items():
                found[_parameter_of(value)] = f"Value of the function's environment variable {name}"
        elif resource.get("Type") == "AWS::SNS::Topic":
            for item in made.get("Subscription", []):
                found[_parameter_of(item["Endpoint"])] = f"A URL that the topic {made['TopicName']} tells"
    found.pop(None, None)
    return {name: {"Type": "String", "NoEcho": True, "Description": description} for name, description in found.items()}


def _parameter_of(value: Any) -> str | None:
    """The parameter that *value* is, None when it is none."""
    return value.get("Ref") if isinstance(value, Mapping) else None


def environment(names: Collection[str]) -> dict[str, str]:
    """A parameter for each environment variable. CloudFormation's names have letters and digits alone, so that ``A_B``
    and ``a_b`` would be one: a digest tells such names apart."""
    plain = {name: "Environment" + "".join(part.capitalize() for part in name.split("_")) for name in names}
    many = {parameter for parameter, count in Counter(plain.values()).items() if count > 1}
    return {name: parameter + _digits(name) if parameter in many else parameter for name, parameter in plain.items()}


def _digits(text: str) -> str:
    return fingerprint(text).removeprefix("sha256:")


def endpoint(endpoint: str) -> str | dict[str, str]:
    """A URL may hold a token: it is a parameter."""
    return {"Ref": f"Endpoint{_digits(endpoint)}"} if "://" in endpoint else endpoint
