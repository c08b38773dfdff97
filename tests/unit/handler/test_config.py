# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Settings: what is accepted, what is refused and how the refusal reads."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperframes_lambda.config import FORMATS, RenderConfig, fps_to_wire, parse_fps
from hyperframes_lambda.errors import error_class

InvalidConfigError = error_class("InvalidConfigError")


@pytest.mark.parametrize(
    ("value", "fps"),
    [
        (30, Fraction(30)),
        (1, Fraction(1)),
        (120, Fraction(120)),
        (25.0, Fraction(25)),
        ("24", Fraction(24)),
        (12.5, Fraction(25, 2)),
        ("12.5", Fraction(25, 2)),
        ("30000/1001", Fraction(30000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (23.976, Fraction(24000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        (119.88, Fraction(120000, 1001)),
    ],
)
def test_frame_rates(value, fps):
    assert parse_fps(value) == fps


@pytest.mark.parametrize(
    "value", [0, -1, 121, 0.5, "", "abc", "30/0", "1e2", True, None, [30], float("nan"), float("inf"), "30/1001"]
)
def test_frame_rates_that_do_not_exist(value):
    with pytest.raises(ValueError, match="expected a number|allowed: 1 to 120"):
        parse_fps(value)


@given(st.fractions(1, 120, max_denominator=1001))
def test_frame_rates_survive_the_wire(fps):
    assert parse_fps(fps_to_wire(fps)) == fps


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fps", 0),
        ("fps", "fast"),
        ("format", "avi"),
        ("format", 5),
        ("codec", "av1"),
        ("quality", "best"),
        ("crf", 52),
        ("crf", -1),
        ("crf", 18.5),
        ("crf", True),
        ("bitrate", "fast"),
        ("bitrate", "0k"),
        ("bitrate", 5000),
        ("width", 15),
        ("width", 1921),
        ("height", 7682),
        ("height", "1080"),
        ("chunkSize", 0),
        ("chunkSize", 3601),
        ("targetChunkFrames", 0),
        ("maxParallelChunks", 0),
        ("maxParallelChunks", 1001),
        ("outputResolution", "8k"),
        ("videoFrameFormat", "webp"),
        ("chunking", "soonest"),
        ("hdrMode", "hdr"),
        ("cfr", "yes"),
        ("rejectOnSystemFonts", 1),
        ("entryFile", "/etc/passwd"),
        ("entryFile", "../index.html"),
        ("entryFile", ""),
        ("frame", -1),
        ("variables", [1]),
        ("variables", {"a": float("nan")}),
        ("variables", {"a": {"b": [object()]}}),
        ("variables", {1: "a"}),
    ],
)
def test_refusals_name_the_field_and_the_value(field, value):
    with pytest.raises(InvalidConfigError) as caught:
        RenderConfig.from_wire({field: value})
    assert str(caught.value).startswith(f"config.{field}")
    assert caught.value.details["field"].startswith(f"config.{field}")


def test_variables_may_not_nest_without_end():
    value: dict = {}
    value["self"] = value
    with pytest.raises(InvalidConfigError, match="deeper than"):
        RenderConfig.from_wire({"variables": value})


@pytest.mark.parametrize(
    "wire",
    [
        {"codec": "h265", "format": "mov"},
        {"crf": 20, "bitrate": "5M"},
        {"chunking": "fastest", "chunkSize": 30},
        {"chunking": "cheapest", "targetChunkFrames": 30},
        {"cfr": True, "format": "webm"},
        {"cfr": True, "codec": "h265"},
        {"frame": 3},
    ],
)
def test_settings_that_exclude_each_other(wire):
    with pytest.raises(InvalidConfigError, match="only valid|excludes"):
        RenderConfig.from_wire(wire)


def test_unknown_setting_lists_the_known_ones():
    with pytest.raises(InvalidConfigError, match=r"config\.fpss is 30: no such setting; allowed: fps, format"):
        RenderConfig.from_wire({"fpss": 30})


def test_forced_hdr_has_a_code_of_its_own():
    with pytest.raises(error_class("FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED"), match="force-hdr"):
        RenderConfig.from_wire({"hdrMode": "force-hdr"})


def test_what_the_node_client_sends_is_accepted():
    config = RenderConfig.from_wire(
        {"fps": 30, "width": 1920, "height": 1080, "format": "mp4", "runtimeCap": "lambda", "strictness": "strict"}
    )
    assert (config.width, config.height, config.format) == (1920, 1080, "mp4")


@pytest.mark.parametrize("format", FORMATS)
def test_formats_with_alpha(format):
    assert RenderConfig(format=format).alpha == (format != "mp4")


@given(
    st.fixed_dictionaries(
        {"fps": st.sampled_from([24, 30, 60, "30000/1001", 29.97]), "format": st.just("mp4")},
        optional={
            "codec": st.sampled_from(["h264", "h265"]),
            "quality": st.sampled_from(["draft", "standard", "high"]),
            "crf": st.integers(0, 51),
            "width": st.integers(8, 3840).map(lambda n: 2 * n),
            "chunkSize": st.integers(1, 3600),
            "maxParallelChunks": st.integers(1, 1000),
            "rejectOnSystemFonts": st.booleans(),
            "variables": st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()),
        },
    )
)
def test_config_survives_the_wire(wire):
    config = RenderConfig.from_wire(wire)
    assert RenderConfig.from_wire(json.loads(json.dumps(config.to_wire()))) == config
