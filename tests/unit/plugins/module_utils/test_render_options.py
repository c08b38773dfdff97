# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's options are the handler's settings: all of them, under the same names, with the same choices."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hyperframes.aws.plugins.doc_fragments.project import ModuleDocFragment as ProjectDocs
from ansible_collections.hyperframes.aws.plugins.doc_fragments.render_settings import ModuleDocFragment as SettingsDocs
from ansible_collections.hyperframes.aws.plugins.module_utils import _render_options
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import (
    ARGUMENT_SPEC,
    BATCH_SPEC,
    SETTINGS,
    option_name,
    to_wire,
    wire_name,
)
from ansible_collections.hyperframes.aws.plugins.modules import render
from ansible_collections.hyperframes.aws.plugins.plugin_utils._contract import chunks, config, events

SAMPLES = {
    "fps": "24",
    "format": "mp4",
    "codec": "h265",
    "quality": "high",
    "crf": 20,
    "bitrate": "10M",
    "width": 640,
    "height": 360,
    "output_resolution": "square",
    "video_frame_format": "png",
    "chunk_size": 30,
    "target_chunk_frames": 40,
    "max_parallel_chunks": 5,
    "chunking": "fastest",
    "hdr_mode": "force-sdr",
    "cfr": True,
    "reject_on_system_fonts": False,
    "entry_file": "main.html",
    "frame": 7,
    "variables": {"title": "Hello"},
}
"""A value of each setting that is not its default."""

NEEDS = {"cfr": {"codec": "h264"}, "frame": {"format": "png"}}
"""What else has to be set for a setting to be allowed."""


def test_every_setting_of_the_handler_is_an_option() -> None:
    assert set(SETTINGS) == {field.name for field in fields(config.RenderConfig)}
    assert set(SAMPLES) == set(SETTINGS)


@pytest.mark.parametrize("option", sorted(SETTINGS))
def test_every_option_arrives_in_the_handler_with_its_value(option: str) -> None:
    wire = to_wire({option: SAMPLES[option], **NEEDS.get(option, {})})
    read = getattr(config.RenderConfig.from_wire(wire), option)
    assert read == (config.parse_fps(SAMPLES[option]) if option == "fps" else SAMPLES[option])
    if option != "format":
        assert read != getattr(config.RenderConfig(), option)


def test_names_go_both_ways() -> None:
    for option in SETTINGS:
        assert option_name(wire_name(option)) == option


def test_what_is_not_given_stays_out() -> None:
    assert to_wire({"fps": None, "crf": None, "variables": {}, "project": "x"}) == {"variables": {}}


@pytest.mark.parametrize(
    ("option", "allowed"),
    [
        ("format", config.FORMATS),
        ("codec", config.CODECS),
        ("quality", config.QUALITIES),
        ("video_frame_format", config.VIDEO_FRAME_FORMATS),
        ("hdr_mode", config.HDR_MODES),
        ("output_resolution", tuple(config.OUTPUT_RESOLUTIONS)),
    ],
)
def test_choices_are_the_handlers(option: str, allowed: tuple[str, ...]) -> None:
    assert tuple(SETTINGS[option]["choices"]) == allowed


def test_constants_are_the_handlers() -> None:
    assert _render_options.EXTENSIONS == events.FORMAT_EXTENSIONS
    assert _render_options.DEFAULT_MAX_PARALLEL_CHUNKS == chunks.DEFAULT_MAX_PARALLEL_CHUNKS
    assert config.RenderConfig().entry_file == _render_options.DEFAULT_ENTRY_FILE


def test_every_option_is_documented() -> None:
    documented = {
        **yaml.safe_load(render.DOCUMENTATION)["options"],
        **yaml.safe_load(SettingsDocs.DOCUMENTATION)["options"],
        **yaml.safe_load(ProjectDocs.DOCUMENTATION)["options"],
    }
    assert set(documented) == set(ARGUMENT_SPEC)


@given(st.from_regex(r"[a-z]+(_[a-z]+){0,3}", fullmatch=True))
def test_any_snake_case_name_survives_the_wire(name: str) -> None:
    assert option_name(wire_name(name)) == name


def passed_on(playbook: str, module: str) -> dict[str, str]:
    """The options that a playbook gives to a module."""
    (play,) = yaml.safe_load((Path(__file__).resolve().parents[4] / "playbooks" / playbook).read_text())
    return next(task[module] for task in play["tasks"] if module in task)


PATHS = ("project", "dest", "variables_file")


def expected(option: str, variable: str) -> str:
    """What a playbook writes: paths are those of the shell."""
    if option in PATHS:
        return f"{{{{ {variable} | hyperframes.aws.shell_path if {variable} is defined else omit }}}}"
    return f"{{{{ {variable} | default(omit) }}}}"


def test_the_playbook_of_a_render_passes_every_option_on() -> None:
    passed = passed_on("render.yml", "hyperframes.aws.render")
    assert set(passed) == set(ARGUMENT_SPEC)
    for option in set(ARGUMENT_SPEC) - {"bucket", "state_machine", "function"}:
        assert passed[option] == expected(option, "render_output" if option == "dest" else f"render_{option}")


def test_the_playbook_of_a_batch_passes_every_option_on() -> None:
    passed = passed_on("render_batch.yml", "hyperframes.aws.render_batch")
    assert set(passed) == set(BATCH_SPEC) - {"site_id", "label", "since", "wait_for_change"}
    for option in (set(passed) & set(ARGUMENT_SPEC)) - {"bucket", "state_machine", "function", "project", "dest"}:
        assert passed[option] == expected(option, f"render_{option}")


def test_no_result_is_named_as_async_status_names_its_own() -> None:
    """``started`` in a module's result makes a finished job look as if it ran on."""
    returned = yaml.safe_load(render.RETURN)
    assert not {"started", "finished", "ansible_job_id", "results_file"} & set(returned)
