# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bucket's lifecycle rules: between the options of the module ``bucket_lifecycle`` and S3's document.

Both ways go through plain dictionaries in the option names, without the options that are not set, and rules are ordered
by their id. So two documents mean the same exactly when they are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Rule = dict[str, Any]

_FILTER = {
    "prefix": "Prefix",
    "object_size_greater_than": "ObjectSizeGreaterThan",
    "object_size_less_than": "ObjectSizeLessThan",
}
_TRANSITION = {"days": "Days", "date": "Date", "storage_class": "StorageClass"}
_NONCURRENT_EXPIRATION = {"days": "NoncurrentDays", "newer_versions": "NewerNoncurrentVersions"}
_NONCURRENT_TRANSITION = {**_NONCURRENT_EXPIRATION, "storage_class": "StorageClass"}
_EXPIRATION = {
    "expiration_days": "Days",
    "expiration_date": "Date",
    "expired_object_delete_marker": "ExpiredObjectDeleteMarker",
}
ACTIONS = (
    *_EXPIRATION,
    "abort_incomplete_multipart_upload_days",
    "transitions",
    "noncurrent_version_transitions",
    "noncurrent_version_expiration",
)
"""Options of a rule that do something; a rule needs at least one."""


def rules_wanted(rules: list[Mapping[str, Any]]) -> list[Rule]:
    """The module's rules in their one form: without options that are not set, ordered by id."""
    return _ordered([_tidy(rule) for rule in rules])


def rules_of(document: Mapping[str, Any]) -> list[Rule]:
    """The rules of the answer of ``GetBucketLifecycleConfiguration``, in their one form."""
    return _ordered([_tidy(_rule_of(item)) for item in document.get("Rules", [])])


def document_of(rules: list[Rule]) -> dict[str, Any]:
    """The document that ``PutBucketLifecycleConfiguration`` takes."""
    return {"Rules": [_item_of(rule) for rule in rules]}


def problems(rules: list[Mapping[str, Any]]) -> list[str]:
    """What S3 would refuse, told before anything is done."""
    found = []
    ids = [rule["id"] for rule in rules]
    found += [f"two rules have the id {name}" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for rule in rules:
        if not any(rule.get(name) for name in ACTIONS):
            found.append(f"rule {rule['id']} does nothing; give one of {', '.join(ACTIONS)}")
        if len([name for name in _EXPIRATION if rule.get(name)]) > 1:
            found.append(f"rule {rule['id']} has more than one of {', '.join(_EXPIRATION)}")
    return found


def _ordered(rules: list[Rule]) -> list[Rule]:
    return sorted(rules, key=lambda rule: rule["id"])


def _tidy(rule: Mapping[str, Any]) -> Rule:
    tidy = {name: _tidy_value(value) for name, value in rule.items() if value not in (None, "", [], {}, False)}
    tidy["enabled"] = bool(rule.get("enabled"))
    for name in ("transitions", "noncurrent_version_transitions"):
        if name in tidy:
            tidy[name] = sorted(tidy[name], key=lambda item: (item.get("days", 0), item["storage_class"]))
    if "expiration_date" in tidy:
        tidy["expiration_date"] = _day(tidy["expiration_date"])
    for item in tidy.get("transitions", []):
        if "date" in item:
            item["date"] = _day(item["date"])
    return tidy


def _tidy_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: item for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_tidy_value(item) for item in value]
    return value


def _day(value: Any) -> str:
    """S3 works at midnight UTC of a day, and answers with a point in time."""
    return value.strftime("%Y-%m-%d") if hasattr(value, "strftime") else str(value)[:10]


def _rule_of(item: Mapping[str, Any]) -> Rule:
    scope = dict(item.get("Filter") or {})
    scope.update(scope.pop("And", {}))
    tags = scope.pop("Tags", []) + ([scope.pop("Tag")] if "Tag" in scope else [])
    return {
        "id": item.get("ID", ""),
        "enabled": item["Status"] == "Enabled",
        **_renamed(_FILTER, {"Prefix": item.get("Prefix"), **scope}),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
        **_renamed(_EXPIRATION, item.get("Expiration", {})),
        "abort_incomplete_multipart_upload_days": item.get("AbortIncompleteMultipartUpload", {}).get(
            "DaysAfterInitiation"
        ),
        "transitions": [_renamed(_TRANSITION, one) for one in item.get("Transitions", [])],
        "noncurrent_version_transitions": [
            _renamed(_NONCURRENT_TRANSITION, one) for one in item.get("NoncurrentVersionTransitions", [])
        ],
        "noncurrent_version_expiration": _renamed(_NONCURRENT_EXPIRATION, item.get("NoncurrentVersionExpiration", {})),
    }


def _renamed(names: Mapping[str, str], source: Mapping[str, Any]) -> dict[str, Any]:
    return {name: source[key] for name, key in names.items() if source.get(key) is not None}


def _wire(names: Mapping[str, str], source: Mapping[str, Any]) -> dict[str, Any]:
    return {key: source[name] for name, key in names.items() if source.get(name) is not None}


def _item_of(rule: Rule) -> dict[str, Any]:
    item: dict[str, Any] = {
        "ID": rule["id"],
        "Status": "Enabled" if rule["enabled"] else "Disabled",
        "Filter": _filter_of(rule),
    }
    parts = {
        "Expiration": _wire(_EXPIRATION, rule),
        "Transitions": [_wire(_TRANSITION, one) for one in rule.get("transitions", [])],
        "NoncurrentVersionTransitions": [
            _wire(_NONCURRENT_TRANSITION, one) for one in rule.get("noncurrent_version_transitions", [])
        ],
        "NoncurrentVersionExpiration": _wire(_NONCURRENT_EXPIRATION, rule.get("noncurrent_version_expiration", {})),
        "AbortIncompleteMultipartUpload": _wire(
            {"abort_incomplete_multipart_upload_days": "DaysAfterInitiation"}, rule
        ),
    }
    return {**item, **{key: value for key, value in parts.items() if value}}


def _filter_of(rule: Rule) -> dict[str, Any]:
    """One condition stands alone, several go into ``And``: S3 refuses the other way round."""
    conditions = _wire(_FILTER, rule)
    tags = [{"Key": key, "Value": value} for key, value in rule.get("tags", {}).items()]
    if not conditions and not tags:
        return {"Prefix": ""}
    if len(conditions) + len(tags) == 1:
        return conditions or {"Tag": tags[0]}
    return {"And": {**conditions, **({"Tags": tags} if tags else {})}}
