# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Videos and sound with real ffmpeg: a video whose pictures count, a track of clicks.

Picture n of the counting video is grey: its level tells n. Clicks are single samples at whole seconds.
"""

from __future__ import annotations

import array
import shutil
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.errors import error_class
from hyperframes_lambda.media.ffmpeg import run_ffmpeg
from hyperframes_lambda.media.probe import probe_media
from hyperframes_lambda.plan import plan
from hyperframes_lambda.plan_document import Plan, VideoWindow
from hyperframes_lambda.toolchain import Toolchain, load_toolchain

from .conftest import PAGE, write_fonts, write_project

pytestmark = pytest.mark.browser
RATE = 48_000
STEP = 4
"""Levels of grey between one picture and the next; the video has 50 pictures."""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Toolchain:
    """The toolchain with real programs and small fonts."""
    from dataclasses import replace

    return replace(load_toolchain(), fonts=write_fonts(tmp_path_factory.mktemp("tools") / "fonts"))


@pytest.fixture(scope="module")
def make(real: Toolchain) -> Callable[..., Path]:
    """Run ffmpeg for a fixture."""

    def run(output: Path, *arguments: str) -> Path:
        output.parent.mkdir(parents=True, exist_ok=True)
        run_ffmpeg(real.ffmpeg, [*arguments, "-y", output], code="VIDEO_EXTRACTION_FAILED", what="making a fixture")
        return output

    return run


COUNTER = f"color=black:size=64x48:rate=25:duration=2,geq=lum='16+N*{STEP}':cb=128:cr=128,format=yuv420p"


@pytest.fixture(scope="module")
def counter(make: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2 s at 25 pictures a second, lossless."""
    path = tmp_path_factory.mktemp("media") / "counter.mp4"
    return make(path, "-f", "lavfi", "-i", COUNTER, "-c:v", "libx264", "-qp", "0", "-g", "10")


Render = Callable[..., tuple[Plan, Path]]


@pytest.fixture
def render(real: Toolchain, tmp_path: Path) -> Render:
    """Plan a page with these elements and files."""

    def run(body: str, files: dict[str, Path], duration: float = 2, **config: object) -> tuple[Plan, Path]:
        page = PAGE.replace('data-duration="2"', f'data-duration="{duration}"') % body
        folder = write_project(tmp_path / "p", {"index.html": page})
        for name, source in files.items():
            (folder / name).write_bytes(source.read_bytes())
        plan_dir = tmp_path / "plan"
        return plan(folder, RenderConfig.from_wire({"fps": 25, **config}), plan_dir, real), plan_dir

    return run


def level(real: Toolchain, picture: Path) -> int:
    """Grey level of a picture's middle."""
    done = run_ffmpeg(
        real.ffmpeg,
        ["-v", "error", "-i", picture, "-vf", "crop=1:1,format=gray", "-f", "rawvideo", "-"],
        code="VIDEO_EXTRACTION_FAILED",
        what="reading a picture",
    )
    return done.stdout[0]


def shown(real: Toolchain, folder: Path, window: VideoWindow, time: float) -> int | None:
    """Number of the counting video's picture that is shown at *time*."""
    number = window.picture(time)
    if number is None:
        return None
    grey = level(real, folder / window.frame_dir / f"frame_{number:06d}.{window.extension}")
    return round((grey * 219 / 255) / STEP)


def test_every_frame_shows_its_picture_and_every_chunk_has_it(render: Render, real: Toolchain, counter: Path) -> None:
    made, folder = render(
        '<video id=v src=c.mp4 data-start="0.4" data-duration="1.2" data-media-start="0.2"></video>',
        {"c.mp4": counter},
        chunkSize=10,
        videoFrameFormat="png",
    )
    [window] = made.videos
    assert (window.element, window.width, window.height, window.extension) == ("v", 64, 48, "png")
    for chunk in made.chunks:
        have = {artifact.path for artifact in made.artifacts_of_chunk(chunk.index)}
        for frame in range(chunk.start, chunk.end):
            picture = window.picture(frame / 25)
            if picture is None:
                assert not 10 <= frame < 40
            else:
                assert f"{window.frame_dir}/frame_{picture:06d}.png" in have
                assert shown(real, folder, window, frame / 25) == frame - 10 + 5
    pictures = [artifact for artifact in made.artifacts if artifact.path.startswith("media/")]
    assert len(pictures) == 30
    # A chunk also gets the picture before its first: its browser passes through that moment.
    shared = {artifact.path[-10:]: artifact.chunks for artifact in pictures if len(artifact.chunks or []) > 1}
    assert shared == {"000009.png": [1, 2], "000019.png": [2, 3], "000029.png": [3, 4]}
    assert "site/c.mp4" not in {artifact.path for artifact in made.artifacts}


def test_rate_loop_and_hold(render: Render, real: Toolchain, counter: Path) -> None:
    made, folder = render(
        "<video id=fast src=c.mp4 data-start=0 data-duration=1 data-playback-rate=2></video>"
        "<video id=slow src=c.mp4 data-start=0 data-duration=1 data-playback-rate=0.5></video>"
        "<video id=round src=c.mp4 data-start=0 data-duration=3 data-media-start=1.48 loop></video>"
        "<video id=held src=c.mp4 data-start=0 data-duration=3 data-media-start=1.48></video>",
        {"c.mp4": counter},
        duration=3,
        videoFrameFormat="png",
    )
    windows = {window.element: window for window in made.videos}

    def at(name, frame):
        return shown(real, folder, windows[name], frame / 25)

    assert [at("fast", frame) for frame in (0, 5, 24)] == [0, 10, 48]
    assert [at("slow", frame) for frame in (0, 1, 2, 11)] == [0, 0, 1, 5]
    assert [at("round", frame) for frame in (0, 11, 12, 13, 14, 25, 26, 74)] == [37, 48, 49, 37, 38, 49, 37, 46]
    assert [at("held", frame) for frame in (0, 12, 13, 74)] == [37, 49, 49, 49]
    assert windows["round"].frame_dir == windows["held"].frame_dir
    # A doubled rate leaves every other picture out.
    kept = sorted(path.name for path in (folder / windows["fast"].frame_dir).iterdir())
    assert "frame_000001.png" in kept  # the slow one shows it
    assert "frame_000031.png" not in kept


def test_a_video_without_a_duration_lasts_as_long_as_its_source(render: Render, counter: Path) -> None:
    made, folder = render("<video src=c.mp4 data-start=1 data-media-start=0.5></video>", {"c.mp4": counter}, duration=5)
    [window] = made.videos
    assert (window.start, round(window.end, 6)) == (1, 2.5)
    html = (folder / "site/index.html").read_text()
    assert 'id="hf-video-0"' in html
    assert 'data-duration="1.5"' in html
    assert 'data-end="2.5"' in html
    assert 'data-has-audio="true"' in html
    assert 'src="c.mp4"' not in html


def test_starts_may_refer_to_other_clips_and_hosts_move_their_media(
    render: Render, counter: Path, tmp_path: Path
) -> None:
    sub = tmp_path / "sub.html"
    sub.write_text(
        "<template><div data-composition-id=s><video id=in src=c.mp4 data-start=0.5 data-duration=9></video></div>"
    )
    made, _folder = render(
        "<video id=a src=c.mp4 data-start=0.5 data-duration=1></video>"
        '<video id=b src=c.mp4 data-start="a + 0.25" data-duration=1></video>'
        '<video id=c src=c.mp4 data-start="c" data-duration=1></video>'
        '<div data-composition-id=s data-composition-src=sub.html data-start="b" data-end=5></div>',
        {"c.mp4": counter, "sub.html": sub},
        duration=9,
    )
    starts = {window.element: (window.start, window.end) for window in made.videos}
    assert starts == {"a": (0.5, 1.5), "b": (1.75, 2.75), "c": (1, 2), "in": (3.25, 5)}


def test_transparent_video_keeps_its_transparency(render: Render, make: Callable[..., Path], tmp_path: Path) -> None:
    source = "color=red@0.5:size=32x32:rate=25:duration=0.4,format=yuva420p"
    clip = make(tmp_path / "a.webm", "-f", "lavfi", "-i", source, "-c:v", "libvpx-vp9", "-auto-alt-ref", "0")
    opaque = make(tmp_path / "b.webm", "-f", "lavfi", "-i", source.replace("yuva420p", "yuv420p"), "-c:v", "libvpx-vp9")
    made, folder = render(
        "<video id=a src=a.webm data-start=0></video><video id=b src=b.webm data-start=0></video>",
        {"a.webm": clip, "b.webm": opaque},
    )
    windows = {window.element: window for window in made.videos}
    assert (windows["a"].extension, windows["b"].extension) == ("png", "jpg")
    picture = (folder / windows["a"].frame_dir / "frame_000003.png").read_bytes()
    assert picture[25] == 6  # the header's colour type: RGB with alpha


def test_a_turned_video_stands_upright(
    render: Render, make: Callable[..., Path], counter: Path, tmp_path: Path
) -> None:
    turned = make(tmp_path / "t.mp4", "-display_rotation", "90", "-i", str(counter), "-c", "copy")
    made, folder = render("<video id=v src=t.mp4 data-start=0 data-duration=0.2></video>", {"t.mp4": turned})
    [window] = made.videos
    assert (window.width, window.height) == (48, 64)
    assert any((folder / window.frame_dir).iterdir())


def test_odd_sizes_and_oblong_pixels(render: Render, make: Callable[..., Path], tmp_path: Path) -> None:
    source = "testsrc=size=33x17:rate=25:duration=0.2"
    odd = make(tmp_path / "o.mkv", "-f", "lavfi", "-i", source, "-c:v", "ffv1")
    wide = make(tmp_path / "w.mkv", "-f", "lavfi", "-i", f"{source},setsar=2", "-c:v", "ffv1")
    made, _folder = render(
        "<video id=o src=o.mkv data-start=0></video><video id=w src=w.mkv data-start=0></video>",
        {"o.mkv": odd, "w.mkv": wide},
    )
    sizes = {window.element: (window.width, window.height) for window in made.videos}
    assert sizes == {"o": (33, 17), "w": (66, 17)}


def test_a_variable_frame_rate_is_followed(
    render: Render, real: Toolchain, make: Callable[..., Path], tmp_path: Path
) -> None:
    # Pictures 0 to 9 at 25 a second, then one picture in three.
    dropped = COUNTER + ",select='lt(n,10)+not(mod(n,3))'"
    clip = make(
        tmp_path / "v.mkv", "-f", "lavfi", "-i", dropped, "-fps_mode", "vfr", "-c:v", "libx264", "-qp", "0", "-bf", "0"
    )
    made, folder = render("<video id=v src=v.mkv data-start=0></video>", {"v.mkv": clip}, videoFrameFormat="png")
    [window] = made.videos
    assert [shown(real, folder, window, frame / 25) for frame in (0, 5, 9, 12, 13, 14, 15, 30)] == [
        0, 5, 9, 12, 12, 12, 15, 30,
    ]  # fmt: skip


def test_hdr_is_brought_to_what_a_screen_of_sdr_shows(render: Render, real: Toolchain, make, tmp_path: Path) -> None:
    """Light of 100 cd/m2, which PQ codes as a middle grey, is bright; black stays black; more light is brighter."""

    def seen(code: int) -> int:
        tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
        source = f"color=black:size=64x48:rate=25:duration=0.2,format=yuv420p10le,geq=lum={code}:cb=512:cr=512,{tags}"
        video = make(tmp_path / f"{code}.mp4", "-f", "lavfi", "-i", source, "-c:v", "libx265", "-crf", "4")
        made, folder = render(
            "<video id=v src=c.mp4 data-start=0></video>", {"c.mp4": video}, duration=0.2, videoFrameFormat="png"
        )
        [window] = made.videos
        grey = level(real, folder / window.frame_dir / f"frame_{window.picture(0):06d}.png")
        shutil.rmtree(folder)
        shutil.rmtree(tmp_path / "p")
        return grey

    dark, white, highlight = seen(64), seen(509), seen(723)
    assert dark <= 2
    assert 140 < white < highlight, (dark, white, highlight)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html>not found</html>", "NOT_MEDIA_PAYLOAD"),
        (b'{"error": "gone"}', "NOT_MEDIA_PAYLOAD"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "NOT_MEDIA_PAYLOAD"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "NOT_MEDIA_PAYLOAD"),
        (b"", "NOT_MEDIA_PAYLOAD"),
        (bytes(range(256)) * 20, "VIDEO_SOURCE_UNRENDERABLE"),
    ],
)
def test_what_is_no_video_is_named(render: Render, tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "x.mp4"
    file.write_bytes(content)
    with pytest.raises(error_class(code), match=r"x\.mp4"):
        render("<video src=x.mp4 data-start=0></video>", {"x.mp4": file})


def test_a_trim_beyond_the_end_is_named(render: Render, counter: Path) -> None:
    with pytest.raises(error_class("INVALID_VIDEO_METADATA"), match="lasts 2 s, but data-media-start is 3"):
        render("<video src=c.mp4 data-start=0 data-duration=1 data-media-start=3></video>", {"c.mp4": counter})


def test_sound_is_no_video(render: Render, make: Callable[..., Path], tmp_path: Path) -> None:
    tone = make(tmp_path / "t.m4a", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac")
    with pytest.raises(error_class("VIDEO_SOURCE_UNRENDERABLE"), match="no video"):
        render("<video src=t.m4a data-start=0 data-duration=1></video>", {"t.m4a": tone})


# --- Sound ------------------------------------------------------------------------------------------------------------
def write_clicks(path: Path, seconds: float, channels: int = 1, value: int = 16_000) -> Path:
    """One loud sample at every whole second, at half of full scale."""
    samples = array.array("h", [0]) * (round(seconds * RATE) * channels)
    for second in range(int(seconds)):
        for channel in range(channels):
            samples[second * RATE * channels + channel] = value
    with wave.open(str(path), "wb") as stream:
        stream.setparams((channels, 2, RATE, 0, "NONE", ""))
        stream.writeframes(samples.tobytes())
    return path


def heard(real: Toolchain, made: Plan, folder: Path) -> array.array:
    """Samples of the left channel of the mixed track."""
    assert made.audio is not None
    done = run_ffmpeg(
        real.ffmpeg,
        ["-v", "error", "-i", folder / made.audio.path, "-f", "f32le", "-c:a", "pcm_f32le", "-"],
        code="AUDIO_PROCESSING_FAILED",
        what="reading the sound",
    )
    return array.array("f", done.stdout)[::2]


def clicks(samples: array.array, threshold: float = 0.1) -> list[tuple[int, float]]:
    """Places and heights of what is louder than *threshold*."""
    return [(place, round(value, 2)) for place, value in enumerate(samples) if abs(value) > threshold]


def test_clicks_are_where_they_belong(render: Render, real: Toolchain, tmp_path: Path) -> None:
    track = write_clicks(tmp_path / "k.wav", 4)
    made, folder = render(
        "<audio id=k src=k.wav data-start=0.25 data-duration=2.5 data-media-start=1 data-volume=0.5></audio>",
        {"k.wav": track},
        duration=4,
        format="webm",
    )
    assert made.audio is not None
    assert (made.audio.path, made.audio.codec, made.audio.samples) == ("audio.flac", "flac", 4 * RATE)
    samples = heard(real, made, folder)
    assert len(samples) == 4 * RATE
    # Seconds 1, 2 and 3 of the source, a quarter of a second later each, mono at full loudness on both sides.
    assert clicks(samples) == [(RATE // 4 + second * RATE, 0.24) for second in range(3)]
    assert [artifact.chunks for artifact in made.artifacts if artifact.assembler] == [[]]


def test_tracks_add_up_without_being_made_quieter(render: Render, real: Toolchain, tmp_path: Path) -> None:
    track = write_clicks(tmp_path / "k.wav", 2)
    body = "".join(f"<audio id=k{number} src=k.wav data-start=0 data-volume=0.25></audio>" for number in range(3))
    made, folder = render(body, {"k.wav": track}, format="webm")
    assert clicks(heard(real, made, folder)) == [(0, 0.37), (RATE, 0.37)]


def test_sound_loops_and_follows_its_rate(render: Render, real: Toolchain, tmp_path: Path) -> None:
    track = write_clicks(tmp_path / "k.wav", 1, channels=2)
    made, folder = render(
        "<audio id=k src=k.wav data-start=0 data-duration=3.5 loop></audio>",
        {"k.wav": track},
        duration=4,
        format="webm",
    )
    assert clicks(heard(real, made, folder)) == [(second * RATE, 0.49) for second in range(4)]


def test_sound_of_another_rate_lasts_as_long_as_asked(render: Render, real: Toolchain, make, tmp_path: Path) -> None:
    tone = make(tmp_path / "t.wav", "-f", "lavfi", "-i", "sine=frequency=440:duration=4:sample_rate=44100")
    made, folder = render(
        "<audio id=t src=t.wav data-start=0.5 data-playback-rate=2></audio>", {"t.wav": tone}, duration=4, format="webm"
    )
    samples = heard(real, made, folder)
    loud = [place for place in range(0, len(samples), 480) if max(map(abs, samples[place : place + 480])) > 0.05]
    assert abs(loud[0] - RATE // 2) <= 960
    assert abs(loud[-1] - round(2.5 * RATE)) <= 2400


def test_an_authored_envelope_and_a_group_shape_the_loudness(
    render: Render, real: Toolchain, make, tmp_path: Path
) -> None:
    steady = make(tmp_path / "s.wav", "-f", "lavfi", "-i", "aevalsrc=0.5:duration=2:sample_rate=48000")
    lane = '{"version":1,"lanes":[{"target":"volume","points":[{"t":0,"v":0},{"t":1,"v":1}]}]}'
    made, folder = render(
        f"<hf-audio-group id=g data-volume=0.5></hf-audio-group>"
        f"<audio id=s src=s.wav data-start=0 data-audio-group=g data-automation='{lane}'></audio>",
        {"s.wav": steady},
        format="webm",
    )
    samples = heard(real, made, folder)
    assert [round(samples[round(second * RATE)], 2) for second in (0.0, 0.5, 1.0, 1.9)] == [0.0, 0.12, 0.25, 0.25]


def test_what_is_muted_or_hidden_is_not_heard(render: Render, tmp_path: Path) -> None:
    track = write_clicks(tmp_path / "k.wav", 1)
    made, _folder = render(
        "<audio id=a src=k.wav data-start=0 muted></audio>"
        "<div data-hidden><audio id=b src=k.wav data-start=0></audio></div>"
        "<hf-audio-group id=g data-hidden></hf-audio-group>"
        "<audio id=c src=k.wav data-start=0 data-audio-group=g></audio>",
        {"k.wav": track},
    )
    assert made.audio is None


@pytest.mark.parametrize("rate", ["25", "30000/1001"])
def test_aac_lasts_exactly_as_long_as_the_picture(render: Render, real: Toolchain, tmp_path: Path, rate: str) -> None:
    track = write_clicks(tmp_path / "k.wav", 2)
    made, folder = render("<audio id=k src=k.wav data-start=0></audio>", {"k.wav": track}, duration=1.9, fps=rate)
    assert made.audio is not None
    assert made.audio.codec == "aac"
    expected = round(Fraction(made.total_frames) / made.fps * RATE)
    assert made.audio.samples == expected
    info = probe_media(real.ffmpeg, folder / made.audio.path)
    assert info.audio is not None
    assert info.audio.samples is not None
    assert abs(info.audio.samples - expected) <= RATE // 1000


def test_an_effect_that_does_not_exist_is_named(render: Render, tmp_path: Path) -> None:
    track = write_clicks(tmp_path / "k.wav", 1)
    chain = '{"version":1,"nodes":[{"id":"n1","type":"gain"},{"type":"vocoder"}]}'
    with pytest.raises(error_class("AUDIO_PROCESSING_FAILED"), match="node 1 is the unknown effect 'vocoder'"):
        render(f"<audio id=k src=k.wav data-start=0 data-fx-chain='{chain}'></audio>", {"k.wav": track})


def test_long_sound_is_encoded_when_it_is_joined(render: Render, tmp_path: Path) -> None:
    track = write_clicks(tmp_path / "k.wav", 1)
    body = "<audio id=k src=k.wav data-start=0 data-duration=125 loop></audio>"
    kinds = {}
    for format in ("mp4", "png-sequence"):
        made, folder = render(body, {"k.wav": track}, duration=125, fps=1, format=format)
        kinds[format] = made.audio.codec if made.audio else ""
        shutil.rmtree(folder)
        shutil.rmtree(tmp_path / "p")
    assert kinds == {"mp4": "flac", "png-sequence": "aac"}


@pytest.mark.parametrize("where", ["in the page", "in a file"])
def test_the_loudness_that_a_timeline_sets_is_heard(
    render: Render, real: Toolchain, make, tmp_path: Path, where: str
) -> None:
    steady = make(tmp_path / "s.wav", "-f", "lavfi", "-i", "aevalsrc=0.5:duration=2:sample_rate=48000")
    script = """
      const audio = document.getElementById("s");
      // As much of GSAP as a timeline needs to be one.
      window.__timelines = { main: {
        pause() { return this; }, play() { return this; }, seek() { return this; }, time: () => 0, duration: () => 2,
        totalDuration: () => 2, paused: () => true, getChildren: () => [],
        totalTime(t) { if (t !== undefined) audio.volume = t < 1 ? 1 - t : 0; return this; } } };"""
    file = tmp_path / "film.js"
    file.write_text(script)
    tag = f"<script>{script}</script>" if where == "in the page" else '<script src="film.js"></script>'
    body = f"<audio id=s src=s.wav data-start=0></audio>{tag}"
    made, folder = render(body, {"s.wav": steady, "film.js": file}, format="webm")
    samples = heard(real, made, folder)
    assert [round(samples[round(second * RATE)], 2) for second in (0.0, 0.5, 1.5)] == [0.5, 0.25, 0.0]
