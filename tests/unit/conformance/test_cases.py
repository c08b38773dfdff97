# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases on disk: what is read, and how a bad one is refused."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from conformance.cases import CaseError, find_cases, read_case


def make_case(folder, **manifest):
    (folder / "project").mkdir(parents=True)
    (folder / "project" / "index.html").write_text("<html></html>")
    (folder / "expected.mp4").write_bytes(b"video")
    (folder / "render.json").write_text(json.dumps({"fps": 30, "format": "mp4", **manifest}))
    return folder


def test_a_case_is_read_with_its_thresholds(tmp_path):
    case = read_case(
        make_case(
            tmp_path / "letters",
            fps="30000/1001",
            variables={"title": "x"},
            min_psnr_db=45,
            max_frame_failures=2,
            min_audio_correlation=0.9,
            seam={"chunk_sizes": [60, 15], "expect": "identical"},
        )
    )
    assert (case.name, case.fps, case.format) == ("letters", Fraction(30000, 1001), "mp4")
    assert (case.min_psnr_db, case.max_frame_failures, case.min_audio_correlation) == (45, 2, 0.9)
    assert case.seam_chunk_sizes == (60, 15)
    assert case.variables == {"title": "x"}
    assert case.expected.name == "expected.mp4"


def test_defaults_are_the_lenient_ones(tmp_path):
    case = read_case(make_case(tmp_path / "plain"))
    assert (case.min_psnr_db, case.max_frame_failures, case.min_audio_correlation) == (30, 0, 0)
    assert case.seam_chunk_sizes == ()


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"fps": 0}, "fps is 0; allowed: 1 to 120"),
        ({"fps": "fast"}, "fps is 'fast'; expected a number"),
        ({"format": "avi"}, "format is 'avi'; allowed: mp4, mov, webm, png-sequence"),
        ({"min_psnr_db": "high"}, "min_psnr_db is 'high'"),
        ({"min_psnr_db": True}, "min_psnr_db is True"),
        ({"max_frame_failures": 101}, "max_frame_failures is 101; allowed: numbers from 0 to 100"),
        ({"seam": {"chunk_sizes": [60]}}, "seam.chunk_sizes is [60]; expected two or more"),
        ({"expected": "other.mp4"}, "other.mp4 does not exist"),
        ({"min_psnr": 30}, "unknown field 'min_psnr'"),
    ],
)
def test_a_bad_manifest_is_refused_by_field_and_value(tmp_path, manifest, message):
    with pytest.raises(CaseError) as caught:
        read_case(make_case(tmp_path / "bad", **manifest))
    assert message in str(caught.value)


def test_broken_json_is_named_by_file(tmp_path):
    folder = make_case(tmp_path / "broken")
    (folder / "render.json").write_text("{")
    with pytest.raises(CaseError, match=r"render\.json"):
        read_case(folder)


def test_a_case_needs_a_composition_and_a_reference(tmp_path):
    folder = make_case(tmp_path / "half")
    (folder / "expected.mp4").unlink()
    with pytest.raises(CaseError, match="there is no reference video"):
        read_case(folder)
    (folder / "project" / "index.html").unlink()
    with pytest.raises(CaseError, match=r"index\.html does not exist"):
        read_case(folder)


def test_cases_are_found_below_a_folder_or_as_the_folder_itself(tmp_path):
    one, two = make_case(tmp_path / "b-case"), make_case(tmp_path / "a-case")
    (tmp_path / "notes").mkdir()
    assert find_cases(tmp_path) == [two, one]
    assert find_cases(one) == [one]
    assert find_cases(tmp_path, ["b-case"]) == [one]


def test_an_empty_or_missing_folder_is_refused(tmp_path):
    with pytest.raises(CaseError, match="holds no cases"):
        find_cases(tmp_path)
    with pytest.raises(CaseError, match="is not a folder"):
        find_cases(tmp_path / "nowhere")


def test_a_mistyped_case_is_refused_with_what_there_is(tmp_path):
    make_case(tmp_path / "letters")
    with pytest.raises(CaseError, match="no case leters in .*; there are: letters"):
        find_cases(tmp_path, ["leters"])
