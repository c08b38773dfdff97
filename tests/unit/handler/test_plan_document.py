# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The plan document: what its hash covers, and that damage is seen."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from hyperframes_lambda.chunks import ChunkRange
from hyperframes_lambda.digests import tree_sha256
from hyperframes_lambda.errors import error_class
from hyperframes_lambda.plan_document import (
    Artifact,
    Audio,
    Composition,
    Output,
    Plan,
    Versions,
    VideoWindow,
    read_plan,
    write_plan,
)

PLAN = Plan(
    versions=Versions("0.1.0", "aa", "Chromium 153", "ffmpeg 9"),
    composition=Composition("main", "index.html", 1920, 1080, 4.0),
    fps=Fraction(30000, 1001),
    total_frames=120,
    output=Output("mp4", "h264", "standard", 1920, 1080),
    chunks=[ChunkRange(0, 0, 60), ChunkRange(1, 60, 120)],
    artifacts=[
        Artifact("site/index.html", "11", 10),
        Artifact("media/v/frame_000001.png", "22", 20, chunks=[1]),
        Artifact("audio.m4a", "33", 30, chunks=[], assembler=True),
    ],
    variables={"title": "é"},
    videos=[VideoWindow("v", 0, 2, 0, 1, False, "media/v", "30/1", 60, "png", 640, 360)],
    audio=Audio("audio.m4a", "aac", 48000, 192192),
).sealed()


def test_a_plan_survives_the_disk(tmp_path):
    write_plan(PLAN, tmp_path)
    assert read_plan(tmp_path) == PLAN


def test_workers_are_sent_only_what_they_read():
    assert [item.path for item in PLAN.artifacts_of_chunk(0)] == ["site/index.html"]
    assert [item.path for item in PLAN.artifacts_of_chunk(1)] == ["media/v/frame_000001.png", "site/index.html"]
    assert [item.path for item in PLAN.artifacts_of_assembler()] == ["audio.m4a"]


@pytest.mark.parametrize(
    "change",
    [
        {"versions": replace(PLAN.versions, ffmpeg="ffmpeg 8")},
        {"versions": replace(PLAN.versions, browser="Chromium 154")},
        {"composition": replace(PLAN.composition, duration=4.1)},
        {"fps": Fraction(30)},
        {"output": replace(PLAN.output, crf=20)},
        {"output": replace(PLAN.output, cfr=True)},
        {"chunks": [ChunkRange(0, 0, 120)]},
        {"artifacts": [replace(PLAN.artifacts[0], sha256="44"), *PLAN.artifacts[1:]]},
        {"variables": {"title": "e"}},
        {"videos": []},
        {"audio": None},
    ],
)
def test_the_hash_covers(change):
    assert replace(PLAN, **change).sealed().plan_hash != PLAN.plan_hash


def test_the_hash_does_not_cover_warnings_or_the_order_of_artifacts():
    changed = replace(PLAN, warnings=["a font is missing"], artifacts=PLAN.artifacts[::-1])
    assert changed.sealed().plan_hash == PLAN.plan_hash


def test_an_altered_document_is_seen(tmp_path):
    write_plan(PLAN, tmp_path)
    body = json.loads((tmp_path / "plan.json").read_text())
    body["total_frames"] = 121
    (tmp_path / "plan.json").write_text(json.dumps(body))
    with pytest.raises(error_class("PLAN_HASH_MISMATCH")):
        read_plan(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "hyperframes-aws-plan-0"}', '{"schema": 1'])
def test_a_document_of_another_kind_is_refused(tmp_path, text):
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(error_class("PLAN_PROTOCOL_UNSUPPORTED")):
        read_plan(tmp_path)


def test_a_missing_document_is_named(tmp_path):
    with pytest.raises(error_class("MISSING_PLAN_ARTIFACT"), match=r"plan\.json"):
        read_plan(tmp_path)


def test_tree_digest_depends_on_names_and_bytes_alone(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, names in ((one, ["a", "b/c"]), (two, ["b/c", "a"])):
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
    assert tree_sha256(one) == tree_sha256(two)
    (two / "a").rename(two / "z")
    assert tree_sha256(one) != tree_sha256(two)
