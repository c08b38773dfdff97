# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Render on this machine: the same plan, chunks and assembly as in the cloud, without it.

``python -m hyperframes_lambda render PROJECT OUTPUT``; see ``--help``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .config import CODECS, FORMATS, OUTPUT_RESOLUTIONS, QUALITIES, RenderConfig
from .errors import RenderError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

_EXTENSIONS = {".mp4": "mp4", ".mov": "mov", ".webm": "webm", ".gif": "gif", ".png": "png", "": "png-sequence"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    interrupted = _watch_interrupts()
    try:
        config = _config(parser, options)
        _check_paths(parser, options)
        return _render(options, config)
    except (Exception, KeyboardInterrupt) as error:
        # A terminal interrupts the browsers too: what then fails for want of them is the interrupt's doing.
        if interrupted:
            print("interrupted", file=sys.stderr)
            return EXIT_INTERRUPTED
        if not isinstance(error, RenderError):
            raise
        print(f"{error.code}: {error}", file=sys.stderr)
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hyperframes_lambda", description=(__doc__ or "").split("\n", 1)[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    render = commands.add_parser("render", help="render a project into a video")
    render.add_argument("project", type=Path, metavar="PROJECT", help="folder that holds index.html")
    render.add_argument("output", type=Path, metavar="OUTPUT", help="file to write; a folder for PNG sequences")
    render.add_argument("--fps", help="frames a second, 1 to 120, such as 30, 29.97 or 30000/1001")
    render.add_argument("--format", choices=FORMATS, help="by default what OUTPUT's extension says")
    render.add_argument("--codec", choices=CODECS)
    render.add_argument("--quality", choices=QUALITIES)
    render.add_argument("--crf", type=int, help="constant rate factor, 0 (best) to 51")
    render.add_argument("--bitrate", help="such as 10M; excludes --crf")
    render.add_argument("--resolution", choices=sorted(OUTPUT_RESOLUTIONS), help="scale the page up to this size")
    render.add_argument("--frame", type=int, help="the frame of a still (format png)")
    render.add_argument("--frames", metavar="A-B", help="render frames A to B alone, without sound")
    render.add_argument("--sheet", type=Path, metavar="FILE", help="put pictures of the video on one image as well")
    render.add_argument("--cfr", action="store_true", help="encode the assembled video anew")
    render.add_argument("--entry", help="the page to render, inside PROJECT")
    render.add_argument("--variables", type=Path, metavar="FILE", help="JSON object of the composition's variables")
    render.add_argument("--allow-system-fonts", action="store_true", help="render text in whatever font is there")
    render.add_argument("--chunks", type=int, metavar="N", help="divide into at most N chunks (default: 1)")
    render.add_argument("--chunk-size", type=int, metavar="N", help="frames of a chunk, instead of --chunks")
    render.add_argument("--jobs", type=int, default=1, metavar="N", help="chunks rendered at once (default: 1)")
    render.add_argument("--browsers", type=int, metavar="N", help="browsers of a chunk (default: cores / jobs)")
    render.add_argument("--keep", type=Path, metavar="DIR", help="leave the plan and the chunks in DIR")
    render.add_argument("--json", action="store_true", help="print what was made, with times by stage, as JSON")
    return parser


def _config(parser: argparse.ArgumentParser, options: argparse.Namespace) -> RenderConfig:
    """The settings on the wire that the options stand for, read and checked as the function does it."""
    extension = options.output.suffix.lower()
    if options.format is None:
        if extension not in _EXTENSIONS:
            allowed = ", ".join(item for item in _EXTENSIONS if item)
            parser.error(f"OUTPUT is {options.output.name!r}: give --format, or one of the extensions {allowed}")
        options.format = _EXTENSIONS[extension]
    for name in ("chunks", "chunk_size", "jobs", "browsers"):
        value = getattr(options, name)
        if value is not None and value < 1:
            parser.error(f"--{name.replace('_', '-')} is {value}; allowed: whole numbers from 1")
    _check_preview(parser, options)
    wire: dict[str, Any] = {
        "fps": options.fps,
        "format": options.format,
        "codec": options.codec,
        "quality": options.quality,
        "crf": options.crf,
        "bitrate": options.bitrate,
        "outputResolution": options.resolution,
        "frame": options.frame,
        "cfr": options.cfr or None,
        "entryFile": options.entry,
        "rejectOnSystemFonts": False if options.allow_system_fonts else None,
        "chunkSize": options.chunk_size,
        "maxParallelChunks": options.chunks or (None if options.chunk_size else 1),
        "variables": _variables(parser, options.variables),
    }
    return RenderConfig.from_wire({name: value for name, value in wire.items() if value is not None})


def _check_preview(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.frames is not None:
        found = re.fullmatch(r"(\d{1,8})-(\d{1,8})", options.frames)
        if not found or int(found[1]) > int(found[2]):
            parser.error(f"--frames is {options.frames!r}; allowed: two numbers such as 30-59, the first frame is 0")
        if options.format == "png":
            parser.error("--frames is for videos; give --frame for a still")
        if options.chunks or options.chunk_size:
            parser.error("--frames are rendered as one chunk; leave out --chunks and --chunk-size")
        options.frames = (int(found[1]), int(found[2]))
    if options.sheet is not None:
        if options.format in ("png", "png-sequence"):
            parser.error("--sheet is for videos")
        if options.sheet.suffix.lower() not in (".png", ".jpg") or not options.sheet.absolute().parent.is_dir():
            parser.error(f"--sheet {options.sheet}: allowed: a .png or .jpg file in a folder that exists")


def _variables(parser: argparse.ArgumentParser, path: Path | None) -> Any:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        parser.error(f"--variables {path}: {error.strerror}")
    except ValueError as error:
        parser.error(f"--variables {path} is not JSON: {error}")


def _check_paths(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse before anything is spent."""
    if not options.project.is_dir():
        parser.error(f"PROJECT {options.project} is not a folder")
    folder = options.output.absolute().parent
    if not folder.is_dir():
        parser.error(f"OUTPUT's folder {folder} does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        parser.error(f"OUTPUT's folder {folder} is not writable")
    sequence = options.format == "png-sequence"
    if options.output.is_dir() != sequence and options.output.exists():
        parser.error(f"OUTPUT {options.output} is {'not ' if sequence else ''}a folder")
    if sequence and options.output.is_dir() and any(item.suffix != ".png" for item in options.output.iterdir()):
        parser.error(f"OUTPUT {options.output} holds other files; a PNG sequence replaces the whole folder")


def _render(options: argparse.Namespace, config: RenderConfig) -> int:
    # Imported late, so that usage errors and --help come at once.
    from .local import describe, render_locally
    from .toolchain import load_toolchain

    report = render_locally(
        options.project,
        options.output,
        config,
        load_toolchain(),
        jobs=options.jobs,
        browsers=options.browsers,
        keep=options.keep,
        frames=options.frames,
        sheet=options.sheet,
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )
    print(json.dumps(report, indent=2) if options.json else describe(report))
    return 0


def _watch_interrupts() -> list[int]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt, and note them in the list that is returned."""
    seen: list[int] = []

    def interrupt(number: int, _frame: object) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    return seen


if __name__ == "__main__":
    sys.exit(main())
