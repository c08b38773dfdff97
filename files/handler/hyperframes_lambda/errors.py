# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The one table of error codes.

A code is the name of the exception's class, because Lambda reports the class name as ``errorType`` and Step Functions
matches ``ErrorEquals`` against it. The state machine's retry lists are generated from :data:`CODES`, so a code that the
handler can raise and the state machine does not know cannot exist.

Names that HyperFrames 0.8 defines are kept (``@hyperframes/producer`` services/distributed, ``@hyperframes/aws-lambda``
handler); the others are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Action(str, Enum):
    """The three roles of the function, spelled as on the wire (``event.Action``)."""

    PLAN = "plan"
    RENDER_CHUNK = "renderChunk"
    ASSEMBLE = "assemble"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One row of the table: where a code can arise, whether another attempt can help, and what it means."""

    name: str
    actions: tuple[Action, ...]
    summary: str
    retryable: bool = False


_P, _C, _A = Action.PLAN, Action.RENDER_CHUNK, Action.ASSEMBLE
_ALL = (_P, _C, _A)

CODES: dict[str, ErrorCode] = {
    row.name: row
    for row in (
        # The request.
        ErrorCode("InvalidConfigError", (_P,), "a render setting is outside what is allowed"),
        ErrorCode("INVALID_EVENT", _ALL, "the event lacks a field or has one of the wrong type"),
        ErrorCode("S3_URI_NOT_ALLOWED", _ALL, "an S3 URI points outside the render bucket"),
        ErrorCode("PLAN_PROTOCOL_UNSUPPORTED", _ALL, "the plan was made for another protocol version"),
        ErrorCode("TIME_LIMIT_EXCEEDED", _ALL, "the work does not fit into the time that the function has"),
        ErrorCode("FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED", (_P,), "HDR output cannot be rendered in chunks"),
        # The project.
        ErrorCode("PROJECT_NOT_FOUND", (_P,), "the staged project archive does not exist"),
        ErrorCode("PROJECT_ARCHIVE_INVALID", (_P,), "the project archive is damaged or not a tar.gz"),
        ErrorCode("PROJECT_PATH_UNSAFE", (_P,), "a path or link of the project leads outside it"),
        ErrorCode("PROJECT_TOO_LARGE", (_P,), "the project has more bytes or files than allowed"),
        ErrorCode("ENTRY_FILE_MISSING", (_P,), "the project has no entry file"),
        ErrorCode("COMPOSITION_ROOT_MISSING", (_P,), "the entry file has no element with data-composition-id"),
        ErrorCode("COMPOSITION_SIZE_INVALID", (_P,), "data-width or data-height is missing or out of range"),
        ErrorCode("SUB_COMPOSITION_INVALID", (_P,), "a sub-composition is missing, empty or includes itself"),
        ErrorCode("PROJECT_FILE_MISSING", (_P,), "a file that the composition asks for does not exist"),
        ErrorCode("VARIABLES_INVALID", (_P,), "the composition's variable declarations cannot be read"),
        ErrorCode("REMOTE_ASSET_FAILED", (_P,), "a remote asset was refused, is too large or of the wrong type"),
        ErrorCode("REMOTE_ASSET_UNAVAILABLE", (_P,), "a remote asset could not be reached", retryable=True),
        ErrorCode("DISTRIBUTED_DURATION_OUT_OF_RANGE", (_P,), "the duration is absent, infinite, zero or too long"),
        ErrorCode("FRAME_COUNT_OUT_OF_RANGE", (_P,), "the render has more frames than one render may have"),
        ErrorCode("PLAN_TOO_LARGE", (_P,), "the plan's files exceed the size limit"),
        ErrorCode("PlanProducedZeroChunks", (_P,), "the plan has no chunks"),
        # Fonts.
        ErrorCode("SYSTEM_FONT_USED", (_P,), "a text depends on a font of the machine that renders it"),
        ErrorCode("FONT_FETCH_FAILED", (_P,), "a font family could not be resolved"),
        ErrorCode("FONT_FETCH_UNAVAILABLE", (_P,), "the font service could not be reached", retryable=True),
        # Media.
        ErrorCode("NOT_MEDIA_PAYLOAD", (_P,), "a media file holds something else, such as an error page"),
        ErrorCode("INVALID_VIDEO_METADATA", (_P,), "a video's size, rate or duration cannot be read"),
        ErrorCode("VIDEO_SOURCE_UNRENDERABLE", (_P,), "a video has no stream that can be decoded"),
        ErrorCode("VIDEO_EXTRACTION_FAILED", (_P, _C), "frames could not be extracted from a video", retryable=True),
        ErrorCode("AUDIO_PROCESSING_FAILED", (_P,), "the sound track could not be mixed"),
        # The browser.
        ErrorCode("ChromeBinaryUnavailableError", (_P, _C), "Chromium is missing or cannot run here"),
        ErrorCode("BROWSER_GPU_NOT_SOFTWARE", (_P, _C), "the browser does not render in software"),
        ErrorCode("COMPOSITION_NOT_READY", (_P, _C), "the page never reported that it can be rendered"),
        ErrorCode("COMPOSITION_SCRIPT_FAILED", (_P, _C), "a script failed, and a timeline that it declares is missing"),
        ErrorCode("COMPOSITION_SCRIPT_TIMEOUT", (_P, _C), "a script of the page does not end"),
        ErrorCode("PAGE_NAVIGATED_AWAY", (_P, _C), "the page left the composition"),
        ErrorCode("MEMORY_LIMIT_EXCEEDED", (_P, _C), "the page takes more memory than there is"),
        ErrorCode("BROWSER_CRASHED", (_P, _C), "the browser or the page's process ended", retryable=True),
        ErrorCode("FRAME_CAPTURE_FAILED", (_C,), "the browser did not deliver a frame", retryable=True),
        # Plan and chunks do not fit each other.
        ErrorCode("MISSING_PLAN_ARTIFACT", (_C, _A), "a file of the plan does not exist"),
        ErrorCode("PLAN_ARTIFACT_DIGEST_MISMATCH", (_C, _A), "a file of the plan has other bytes than planned"),
        ErrorCode("PLAN_HASH_MISMATCH", (_C, _A), "the plan is not the one that the event names"),
        ErrorCode("FFMPEG_VERSION_MISMATCH", (_C, _A), "the plan was made with another ffmpeg"),
        ErrorCode("BROWSER_VERSION_MISMATCH", (_C,), "the plan was made with another Chromium"),
        ErrorCode("CHUNK_INDEX_OUT_OF_RANGE", (_C,), "the plan has no chunk of that index"),
        ErrorCode("ENCODING_FAILED", (_C, _A), "ffmpeg could not write a video", retryable=True),
        ErrorCode("CHUNK_COUNT_MISMATCH", (_A,), "more or fewer chunks than planned"),
        ErrorCode("CHUNK_MISSING", (_A,), "a chunk does not exist"),
        ErrorCode("CHUNK_DIGEST_MISMATCH", (_A,), "a chunk has other bytes than its worker reported"),
        ErrorCode("FRAME_COUNT_MISMATCH", (_C, _A), "a video has more or fewer frames than planned"),
        ErrorCode("DURATION_MISMATCH", (_A,), "the finished video is longer or shorter than planned"),
        ErrorCode("AUDIO_LENGTH_MISMATCH", (_A,), "the sound is longer or shorter than the picture"),
    )
}
"""Every code that the handler can raise, by name, in the order of a render's life."""


class RenderError(Exception):
    """Base of all typed errors; its subclasses, one for each row of :data:`CODES`, bear the code as their name.

    Attributes:
        code: the name of the error, equal to the class's name.
        details: machine-readable facts (paths, limits, counts), JSON-safe.
    """

    code: str = ""

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.details = details

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled by code, because the classes are made from the table; chunks rendered in processes of their own
        report their errors this way."""
        return _restore, (self.code, str(self), self.details)


def _restore(code: str, message: str, details: dict[str, object]) -> RenderError:
    return render_error(code, message, **details)


_CLASSES: dict[str, type[RenderError]] = {
    name: type(name, (RenderError,), {"code": name, "__doc__": row.summary, "__module__": __name__})
    for name, row in CODES.items()
}


def render_error(code: str, message: str, **details: object) -> RenderError:
    """Make the typed error *code*, to be raised by the caller.

    Raises:
        KeyError: *code* is not in :data:`CODES`.
    """
    return _CLASSES[code](message, **details)


def error_class(code: str) -> type[RenderError]:
    """The exception class of *code*, for ``except`` clauses.

    Raises:
        KeyError: *code* is not in :data:`CODES`.
    """
    return _CLASSES[code]


def codes(action: Action) -> list[str]:
    """Codes that *action* can raise, in table order."""
    return [row.name for row in CODES.values() if action in row.actions]


def non_retryable_codes(action: Action) -> list[str]:
    """Codes that *action* can raise and that another attempt cannot mend, in table order."""
    return [row.name for row in CODES.values() if action in row.actions and not row.retryable]
