# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Where captured frames go, in order: into ffmpeg's standard input, or into a folder. Never into temporary files."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..media.encode import EncodeRequest, encoding, input_arguments
from ..media.ffmpeg import QUIET, describe_exit, failure, ffmpeg_environment

if TYPE_CHECKING:
    from ..chunks import ChunkRange
    from ..plan_document import Plan
    from ..toolchain import Toolchain

_PIPE_BYTES = 1 << 20
_FINISH_SECONDS = 600.0


class FrameSink(Protocol):
    """Takes the frames of a chunk in order. *frames* is how many it has made of them."""

    frames: int

    async def write(self, png: bytes) -> None: ...

    async def finish(self) -> None: ...

    def publish(self, draft: Path, output: Path) -> None: ...


class FolderSink:
    """PNG files, numbered over the whole render from 1."""

    def __init__(self, folder: Path, first: int) -> None:
        self._folder = folder
        self._first = first
        self.frames = 0

    async def write(self, png: bytes) -> None:
        number = self._first + self.frames + 1
        (self._folder / f"frame_{number:06d}.png").write_bytes(png)
        self.frames += 1

    async def finish(self) -> None:
        """Nothing is left to do: every file was written when its frame came."""

    def publish(self, draft: Path, output: Path) -> None:
        if output.exists():
            shutil.rmtree(output)
        draft.rename(output)


class StillSink:
    """The one frame of a still."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.frames = 0

    async def write(self, png: bytes) -> None:
        self._path.write_bytes(png)
        self.frames += 1

    async def finish(self) -> None:
        """Nothing is left to do."""

    def publish(self, draft: Path, output: Path) -> None:
        draft.rename(output)


class EncoderSink:
    """ffmpeg, which encodes the frames that it has while the next ones are captured."""

    def __init__(self, process: asyncio.subprocess.Process, what: str) -> None:
        self._process = process
        self._what = what
        self._stderr = asyncio.ensure_future(process.stderr.read())
        self._progress = asyncio.ensure_future(process.stdout.read())
        self.frames = 0

    async def write(self, png: bytes) -> None:
        try:
            self._process.stdin.write(png)
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            await self._fail()

    async def finish(self) -> None:
        """Raises ``ENCODING_FAILED`` when ffmpeg did not end well."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._process.stdin.close()
            await self._process.stdin.wait_closed()
        try:
            async with asyncio.timeout(_FINISH_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            message = f"{self._what}: ffmpeg did not end in {_FINISH_SECONDS:g} s"
            raise failure("ENCODING_FAILED", message, b"") from None
        if self._process.returncode != 0:
            await self._fail()
        for line in (await self._progress).decode("ascii", "replace").splitlines():
            if line.startswith("frame="):
                self.frames = int(line.removeprefix("frame="))

    def publish(self, draft: Path, output: Path) -> None:
        draft.rename(output)

    async def _fail(self) -> None:
        await self._process.wait()
        status = describe_exit(self._process.returncode)
        raise failure("ENCODING_FAILED", f"{self._what}: ffmpeg failed ({status})", await self._stderr)

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        for reader in (self._stderr, self._progress):
            await asyncio.wait([reader], timeout=1)


@asynccontextmanager
async def open_sink(plan: Plan, chunk: ChunkRange, draft: Path, toolchain: Toolchain) -> AsyncIterator[FrameSink]:
    """The sink of *plan*'s format, writing to *draft*, which is gone when the block raises."""
    draft.parent.mkdir(parents=True, exist_ok=True)
    try:
        if plan.output.format == "png-sequence":
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            yield FolderSink(draft, chunk.start)
        elif plan.output.format == "png":
            yield StillSink(draft)
        else:
            encoder = await _start_encoder(plan, chunk, draft, toolchain)
            try:
                yield encoder
            finally:
                await encoder.stop()
    except BaseException:
        shutil.rmtree(draft) if draft.is_dir() else draft.unlink(missing_ok=True)
        raise


async def _start_encoder(plan: Plan, chunk: ChunkRange, draft: Path, toolchain: Toolchain) -> EncoderSink:
    output = plan.output
    request = EncodeRequest(
        format=output.format,
        codec=output.codec,
        quality=output.quality,
        fps=plan.fps,
        frames=chunk.frames,
        crf=output.crf,
        bitrate=output.bitrate,
    )
    how = encoding(request)
    process = await asyncio.create_subprocess_exec(
        toolchain.ffmpeg,
        *(argument for argument in QUIET if argument != "-nostdin"),
        *input_arguments(plan.fps),
        *how.arguments,
        "-progress", "pipe:1", "-nostats", "-f", how.container, "-y", str(draft),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=ffmpeg_environment(),
    )  # fmt: skip
    pipe = process.stdin.transport.get_extra_info("pipe")
    with contextlib.suppress(OSError, ValueError, AttributeError):
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return EncoderSink(process, f"encoding chunk {chunk.index}")
