# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Reading what ffmpeg says of a file."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hyperframes_lambda.errors import RenderError
from hyperframes_lambda.media.ffmpeg import ffmpeg_version, run_ffmpeg
from hyperframes_lambda.media.probe import parse, probe_media
from hyperframes_lambda.toolchain import load_toolchain

VIDEO = (
    "Video: h264 (High 4:2:2, x) (avc1 / 0x31637661), yuv420p(tv, bt709/bt470bg/unknown, progressive), "
    "1920x1080 [SAR 4:3 DAR 64:27], 29.97 fps, 30 tbr, 15360 tbn"
)
LOG = f"""Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'clip.mov':
  Metadata:
    comment         : Stream #0:7: Video: not a stream
  Duration: 00:01:02.50, start: 0.000000, bitrate: 125 kb/s
  Stream #0:0[0x1](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, 5.1, fltp, 147 kb/s (default)
  Stream #0:1[0x2](und): {VIDEO}
      Side data:
        Display Matrix: rotation of -90.00 degrees
Output #0, framecrc, to 'pipe:':
  Stream #0:0(und): Video: h264, yuv420p(pc), 1x1
"""
PACKETS = """#extradata 0: 0x0020, 0x1
#software: Lavf
#tb 0: 1/30000
#media_type 0: video
#codec_id 0: h264
#tb 1: 1/44100
#media_type 1: audio
0,          0,          0,     1001,     500, 0x1
1,          0,          0,     1024,     500, 0x1
0,       1001,       1001,     1001,     500, 0x1, F=0x0
1,       1024,       1024,      100,     500, 0x1
"""


def test_streams_are_read_from_the_log():
    info = parse(LOG, PACKETS)
    video, audio = info.video, info.audio
    assert info.container == "mov,mp4,m4a,3gp,3g2,mj2"
    assert info.duration == Fraction(125, 2)
    assert (video.index, video.codec, video.width, video.height) == (1, "h264", 1920, 1080)
    assert (video.sample_aspect, video.rotation) == (Fraction(4, 3), -90.0)
    assert (video.pixel_format, video.colour_range) == ("yuv420p", "tv")
    assert (video.colour_matrix, video.colour_primaries, video.colour_transfer) == ("bt709", "bt470bg", "")
    assert (audio.index, audio.codec, audio.sample_rate, audio.channels) == (0, "aac", 44100, "5.1")


def test_counts_come_from_the_packets():
    info = parse(LOG, PACKETS)
    assert (info.video.frames, info.video.seconds) == (2, Fraction(2002, 30000))
    assert info.video.rate == Fraction(30000, 1001)
    assert info.audio.samples == 1124


def test_without_counting_the_log_has_to_do():
    video = parse(LOG, None).video
    assert (video.frames, video.rate, video.seconds) == (None, Fraction("29.97"), Fraction(125, 2))


def test_a_file_without_streams():
    info = parse("Input #0, wav, from 'x.wav':\n  Duration: N/A\n", "")
    assert (info.video, info.audio, info.duration) == (None, None, None)


@pytest.mark.browser
def test_what_is_not_a_medium_is_a_typed_error(tmp_path):
    page = tmp_path / "page.mp4"
    page.write_text("<html>404</html>")
    with pytest.raises(RenderError, match=r"reading page\.mp4") as caught:
        probe_media(load_toolchain().ffmpeg, page, code="NOT_MEDIA_PAYLOAD")
    assert caught.value.code == "NOT_MEDIA_PAYLOAD"
    assert caught.value.details["stderr"]


@pytest.mark.browser
def test_the_version_is_the_first_line():
    assert ffmpeg_version(load_toolchain().ffmpeg).startswith("ffmpeg version ")


def test_ffmpeg_that_hangs_or_is_absent(tmp_path):
    slow = tmp_path / "ffmpeg"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    with pytest.raises(RenderError, match="did not end in 0.2 s"):
        run_ffmpeg(slow, [], code="ENCODING_FAILED", what="waiting", timeout=0.2)
    with pytest.raises(RenderError, match="does not start"):
        run_ffmpeg(tmp_path / "none", [], code="ENCODING_FAILED", what="looking")


def test_the_end_of_what_ffmpeg_wrote_is_in_the_error(tmp_path):
    failing = tmp_path / "ffmpeg"
    failing.write_text("#!/bin/sh\nprintf 'one\\ntwo\\rInvalid data\\n' >&2\nexit 3\n")
    failing.chmod(0o755)
    with pytest.raises(RenderError, match=r"encoding: ffmpeg failed \(exit status 3\): one \| two \| Invalid data"):
        run_ffmpeg(failing, [], code="ENCODING_FAILED", what="encoding")
