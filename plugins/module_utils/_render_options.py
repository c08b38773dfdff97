# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A render's settings as options of a module, and as the ``Config`` on the wire.

The meaning and the limits of each setting are the handler's (``RenderConfig``); here are their names and types only. A
setting that is not given stays out of the Config, so that the handler's default holds. A test compares this table with
the handler's, field by field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._project import DEFAULT_MAX_BYTES, DEFAULT_MAX_FILES

SETTINGS: dict[str, dict[str, Any]] = {
    "fps": {"type": "str"},
    "format": {"choices": ["mp4", "mov", "webm", "png-sequence", "gif", "png"]},
    "codec": {"choices": ["h264", "h265"]},
    "quality": {"choices": ["draft", "standard", "high"]},
    "crf": {"type": "int"},
    "bitrate": {"type": "str"},
    "width": {"type": "int"},
    "height": {"type": "int"},
    "output_resolution": {
        "choices": ["landscape", "portrait", "square", "landscape-4k", "portrait-4k", "square-4k"],
    },
    "video_frame_format": {"choices": ["auto", "jpg", "png"]},
    "chunk_size": {"type": "int"},
    "target_chunk_frames": {"type": "int"},
    "max_parallel_chunks": {"type": "int"},
    "chunking": {"choices": ["fastest", "balanced", "cheapest"]},
    "hdr_mode": {"choices": ["auto", "force-sdr"]},
    "cfr": {"type": "bool"},
    "reject_on_system_fonts": {"type": "bool"},
    "entry_file": {"type": "str"},
    "frame": {"type": "int"},
    "variables": {"type": "dict"},
}
"""Argument specification of every setting, by its name in Ansible and in the handler's ``RenderConfig``."""

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "state": {"choices": ["present", "cancelled"], "default": "present"},
    "bucket": {},
    "state_machine": {"required": True},
    "function": {},
    "name": {},
    "project": {"type": "path"},
    "site_id": {},
    "max_files": {"type": "int", "default": DEFAULT_MAX_FILES},
    "max_bytes": {"type": "int", "default": DEFAULT_MAX_BYTES},
    "config": {"type": "dict"},
    "variables_file": {},
    "strict_variables": {"type": "bool", "default": False},
    "output_key": {"no_log": False},
    "dest": {"type": "path"},
    "url_expires": {"type": "int"},
    "force": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 3600},
    "wait_sleep": {"type": "float", "default": 1.0},
    **SETTINGS,
}
"""All options of the module ``render`` beside those of the connection to AWS."""

BATCH_SPEC: dict[str, dict[str, Any]] = {
    **{name: spec for name, spec in ARGUMENT_SPEC.items() if name not in ("state", "name", "output_key", "wait")},
    "bucket": {"required": True},
    "renders": {"type": "raw", "required": True},
    "concurrency": {"type": "int", "default": 8},
    "label": {},
    "results": {"type": "path"},
    "may_fail": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 86400},
    "wait_for_change": {"type": "float"},
    "since": {"type": "list", "elements": "dict", "default": []},
}
"""All options of the module ``render_batch`` beside those of the connection to AWS."""

WAITING, RUNNING = "waiting", "running"
UNFINISHED = frozenset({WAITING, RUNNING})
"""What a batch says of renders that have not ended."""

DEFAULT_ENTRY_FILE = "index.html"
DEFAULT_MAX_PARALLEL_CHUNKS = 16

EXTENSIONS = {
    "mp4": ".mp4",
    "mov": ".mov",
    "webm": ".webm",
    "gif": ".gif",
    "png": ".png",
    "png-sequence": ".tar.gz",
}
"""Extension of the finished file, by format: the handler's ``FORMAT_EXTENSIONS``."""


def wire_name(option: str) -> str:
    """``outputResolution`` of ``output_resolution``."""
    first, *others = option.split("_")
    return first + "".join(word.capitalize() for word in others)


def option_name(wire: str) -> str:
    """``output_resolution`` of ``outputResolution``."""
    return re.sub(r"[A-Z]", lambda match: f"_{match[0].lower()}", wire)


def to_wire(options: Mapping[str, Any]) -> dict[str, Any]:
    """The Config that the settings among *options* make; those that are None are left out."""
    return {wire_name(name): options[name] for name in SETTINGS if options.get(name) is not None}
