# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics, on pictures and sounds whose figures can be worked out by hand."""

from __future__ import annotations

import math
from array import array
from fractions import Fraction

import pytest

from conformance.ffmpeg import MediaError, ffmpeg_path, open_media, run
from conformance.picture import IDENTICAL_DB, checkpoint_frames, compare_pictures, frame_psnr
from conformance.seam import differing_frames
from conformance.sound import SAMPLE_RATE, WINDOW, correlate, envelope, rms_envelope

FPS = Fraction(30)


@pytest.fixture(autouse=True)
def _needs_ffmpeg():
    try:
        ffmpeg_path()
    except MediaError as error:
        pytest.skip(str(error))


def make_video(path, *, luma="100", frames=60, size="64x32", options=()):
    """A lossless video whose luma is the expression *luma* (of the frame number N), without colour."""
    source = f"color=black:size={size}:rate=30,format=yuv420p,geq=lum='{luma}':cb=128:cr=128"
    codec = ("-c:v", "ffv1", "-color_range", "tv", "-colorspace", "bt709")
    run("-v", "error", "-y", "-f", "lavfi", "-i", source, "-frames:v", str(frames), *codec, *options, str(path))
    return open_media(path, FPS)


def test_checkpoints_follow_the_formula():
    points = checkpoint_frames(2.0, FPS)
    assert len(points) == 100
    assert points[:5] == [0, 1, 1, 2, 2]
    assert points[-1] == 58
    assert checkpoint_frames(10.0, FPS)[-1] == 296


def test_psnr_of_a_known_error(tmp_path):
    """Luma off by 10: the mean over Y, Cb, Cr weighs luma by 4 of 6 samples."""
    left, right = make_video(tmp_path / "a.mkv", luma="100"), make_video(tmp_path / "b.mkv", luma="110")
    expected = 10 * math.log10(255**2 / (10**2 * 4 / 6))
    assert frame_psnr(left, right, FPS) == pytest.approx([expected] * 60, abs=0.01)


def test_equal_pictures_have_a_number(tmp_path):
    left, right = make_video(tmp_path / "a.mkv"), make_video(tmp_path / "b.mkv")
    result = compare_pictures(left, right, FPS, 30)
    assert (result.minimum, result.median, result.failures) == (IDENTICAL_DB, IDENTICAL_DB, 0)


def test_frames_are_matched_by_index_whatever_their_time_stamps(tmp_path):
    reference = make_video(tmp_path / "a.mkv", luma="16+3*N")
    shifted = make_video(tmp_path / "b.mkv", luma="16+3*N", options=("-output_ts_offset", "0.4"))
    assert min(frame_psnr(shifted, reference, FPS)) == IDENTICAL_DB


def test_one_wrong_frame_is_found_and_named(tmp_path):
    reference = make_video(tmp_path / "a.mkv")
    broken = make_video(tmp_path / "b.mkv", luma="if(eq(N,30),200,100)")
    result = compare_pictures(broken, reference, FPS, 30)
    assert result.worst_frame == 30
    assert 1 <= result.failures <= 2  # a checkpoint may fall on one frame twice in a short video
    assert result.minimum < 10
    assert result.median == IDENTICAL_DB


def test_missing_frames_count_as_failures(tmp_path):
    reference, half = make_video(tmp_path / "a.mkv"), make_video(tmp_path / "b.mkv", frames=30)
    result = compare_pictures(half, reference, FPS, 30)
    assert result.minimum == 0
    assert result.failures == sum(point >= 30 for point in checkpoint_frames(2.0, FPS))


def test_other_sizes_are_refused(tmp_path):
    reference, small = make_video(tmp_path / "a.mkv"), make_video(tmp_path / "b.mkv", size="32x32")
    with pytest.raises(MediaError, match="the picture is 32x32, the reference 64x32"):
        compare_pictures(small, reference, FPS, 30)


def make_alpha_frames(folder, alpha):
    """White everywhere, with the alpha given: only over black can one see it."""
    folder.mkdir()
    source = f"color=white:size=64x32:rate=30,format=rgba,colorchannelmixer=aa={alpha}"
    run("-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "10", str(folder / "frame_%06d.png"))
    return open_media(folder, FPS)


def test_a_wrong_alpha_shows_though_the_colour_is_that_of_the_ground(tmp_path):
    full, half = make_alpha_frames(tmp_path / "a", 1), make_alpha_frames(tmp_path / "b", 0.5)
    assert full.alpha
    assert min(frame_psnr(full, full, FPS)) == IDENTICAL_DB
    assert max(frame_psnr(half, full, FPS)) < 10


def test_frames_with_alpha_match_an_opaque_reference_over_white(tmp_path):
    frames = make_alpha_frames(tmp_path / "a", 0.3)
    white = make_video(tmp_path / "white.mkv", luma="235", frames=10)
    assert min(frame_psnr(frames, white, FPS)) > 50


def test_length_is_read_from_the_packets(tmp_path):
    media = make_video(tmp_path / "a.mkv", frames=45)
    assert media.frames == 45
    assert media.duration == pytest.approx(1.5, abs=0.001)
    assert not media.audio


def test_a_file_without_picture_is_refused(tmp_path):
    path = tmp_path / "note.mp4"
    path.write_text("not a video")
    with pytest.raises(MediaError, match=r"note\.mp4: no picture in it"):
        open_media(path, FPS)


def test_rms_of_a_known_signal():
    square = array("h", [16384, -16384] * (WINDOW // 2) + [0] * WINDOW)
    assert rms_envelope(square) == [0.5, 0.0]


def test_envelope_of_a_file(tmp_path):
    path = tmp_path / "tone.wav"
    source = "sine=frequency=1000:duration=1:sample_rate=48000,volume=0.5"
    run("-v", "error", "-f", "lavfi", "-i", source, str(path))
    values = envelope(path)
    assert len(values) == SAMPLE_RATE // WINDOW
    assert values[10] == pytest.approx(0.5 * 0.125 / math.sqrt(2), rel=0.02)  # ffmpeg's sine has an amplitude of 1/8


RAMP = [index / 100 for index in range(100)]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (RAMP, RAMP, 1.0),
        (RAMP, [value / 2 for value in RAMP], 1.0),
        (RAMP, RAMP[::-1], -1.0),
        ([0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0], 0.0),
        ([0.0] * 50, [0.0] * 50, 1.0),
        ([], [], 1.0),
        (RAMP, [0.0] * 100, 0.0),
        ([0.5] * 50, [0.4] * 50, 0.8),
    ],
)
def test_correlations_that_are_known(left, right, expected):
    assert correlate(left, right) == pytest.approx(expected, abs=1e-9)


def test_sound_that_ends_early_correlates_less():
    assert correlate(RAMP[:50], RAMP) < 0.5


def test_frames_that_differ_or_are_missing_are_named(tmp_path):
    left, right = tmp_path / "left", tmp_path / "right"
    for folder in (left, right):
        folder.mkdir()
        for index in range(3):
            (folder / f"frame_{index:06d}.png").write_bytes(b"same")
    assert differing_frames(left, right) == []
    (left / "frame_000001.png").write_bytes(b"other")
    (right / "frame_000003.png").write_bytes(b"more")
    assert differing_frames(left, right) == ["frame_000001.png", "frame_000003.png"]
