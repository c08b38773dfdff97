# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Moves what a render is made of: project in, plan out and in again, chunks out and in, output out.

A published plan is a document and a few archives, whatever the number of its files::

    <prefix>/plan/plan.json                    written last: where it is, the rest is complete
    <prefix>/plan/artifacts/site.tar.zst       what every chunk reads
    <prefix>/plan/artifacts/chunk-0003.tar     what chunk 3 reads besides
    <prefix>/plan/artifacts/assembler.tar      what Assemble reads

Chunks belong to no render: one lies under the hash of what it shows, its frames and its digest, so that every render
that shows the same finds it, and what lies there is never replaced by other bytes::

    renders/.chunks/<visual hash>/000090-000180-<sha256>.mp4
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from ..complaints import Complaints
from ..digests import file_sha256, tree_sha256
from ..errors import RenderError, render_error
from ..events import FORMAT_EXTENSIONS, ChunkReference, PlanLocator, S3Uri
from ..plan.limits import MAX_PROJECT_BYTES, MAX_PROJECT_FILES
from ..plan_document import DOCUMENT_NAME, Artifact, Plan, read_plan
from ..workers import workers
from .archives import (
    DAMAGED,
    Limits,
    copy_hashed,
    pack_tar,
    pack_tar_gz,
    pack_tar_zst,
    unpack_files,
    unpack_project,
)
from .objects import ObjectDamaged, ObjectMissing, ObjectStore

PARALLEL_TRANSFERS = 8
SITE_ARCHIVE = "site.tar.zst"
ASSEMBLER_ARCHIVE = "assembler.tar"
CHUNKS_PREFIX = "renders/.chunks"
"""Where the bucket's rule lets it expire; no render has a name with a dot in front."""

WARNINGS_PREFIX = "renders/.warnings"
"""Beside the chunks, one object for each chunk whose pages complained."""

_MOST_WARNING_BYTES = 1 << 20
CONTENT_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "gif": "image/gif",
    "png": "image/png",
    "png-sequence": "application/gzip",
}
_FOLDER_FORMATS = frozenset({"png-sequence"})
"""Formats whose chunks and outputs are folders of frames on disk and tar.gz objects in the store."""


class Storage:
    """The render's data in one store; *scratch* is a folder for archives on their way."""

    def __init__(self, store: ObjectStore, scratch: Path) -> None:
        self._store = store
        self._scratch = scratch

    def fetch_project(self, uri: S3Uri, target: Path) -> None:
        """Unpack a staged project.

        Raises:
            RenderError: ``PROJECT_NOT_FOUND``, ``PROJECT_ARCHIVE_INVALID`` also where the archive is not the one that
                was staged, and what :func:`~.archives.unpack_project` raises.
        """
        try:
            with self._store.read(uri) as body:
                unpack_project(body, target, Limits(MAX_PROJECT_FILES, MAX_PROJECT_BYTES))
                if not body.is_as_stated():
                    message = f"{uri} has other bytes than were staged (SHA-256 {body.stated_sha256}); stage it again"
                    raise render_error("PROJECT_ARCHIVE_INVALID", message)
        except ObjectDamaged as error:
            raise render_error("PROJECT_ARCHIVE_INVALID", f"the project archive is damaged: {error}") from error
        except ObjectMissing as error:
            raise render_error("PROJECT_NOT_FOUND", f"{uri} does not exist; stage the project first") from error

    def publish_plan(self, plan: Plan, plan_dir: Path, prefix: S3Uri, *, without: Collection[int] = ()) -> PlanLocator:
        """Store a plan under *prefix*, its document last, and return where it lies.

        What only the chunks *without* read is left out: nobody is going to render them.
        """
        locator = PlanLocator(prefix.join("plan", DOCUMENT_NAME), prefix.join("plan", "artifacts", ""))
        archives = _archives(plan)
        idle = {_chunk_archive(index) for index in without}
        if len(without) == len(plan.chunks):
            idle.add(SITE_ARCHIVE)
        archives = {name: artifacts for name, artifacts in archives.items() if name not in idle}
        _in_parallel(lambda name: self._publish_archive(locator, plan_dir, name, archives[name]), list(archives))
        self._store.write(locator.manifest, plan_dir / DOCUMENT_NAME, "application/json")
        return locator

    def fetch_plan_of_chunk(self, locator: PlanLocator, index: int, plan_dir: Path) -> Plan:
        """Lay out what chunk *index* reads of a plan.

        Raises:
            RenderError: ``MISSING_PLAN_ARTIFACT``, ``PLAN_ARTIFACT_DIGEST_MISMATCH``, and what ``read_plan`` raises.
        """
        plan = self._fetch_document(locator, plan_dir)
        archives = (SITE_ARCHIVE, _chunk_archive(index))
        self._fetch_artifacts(locator, plan, plan.artifacts_of_chunk(index), archives, plan_dir)
        return plan

    def fetch_plan_of_assembler(self, locator: PlanLocator, plan_dir: Path) -> Plan:
        """Lay out what Assemble reads of a plan; raises as :meth:`fetch_plan_of_chunk`."""
        plan = self._fetch_document(locator, plan_dir)
        self._fetch_artifacts(locator, plan, plan.artifacts_of_assembler(), (ASSEMBLER_ARCHIVE,), plan_dir)
        return plan

    def store_chunk(self, chunk: Path, plan: Plan, index: int, sha256: str, bucket: str) -> S3Uri:
        """Store a rendered chunk, a file or a folder of frames, for this render and all that show the same."""
        uri = chunk_uri(plan, index, sha256, bucket)
        self._store_result(chunk, uri, plan.output.format)
        return uri

    def store_warnings(self, warnings: Complaints, plan: Plan, index: int, sha256: str, bucket: str) -> None:
        """Store what the pages of a chunk complained about, if anything. The chunk itself comes after, so that one
        which is there has its warnings there."""
        if not warnings:
            return
        with tempfile.NamedTemporaryFile(dir=self._scratch, suffix=".json") as draft:
            Path(draft.name).write_text(json.dumps(warnings), encoding="utf-8")
            self._store.write(_warnings_uri(plan, index, sha256, bucket), Path(draft.name), "application/json")

    def fetch_warnings(self, references: Sequence[ChunkReference], plan: Plan, bucket: str) -> list[Complaints]:
        """What the pages of the given chunks complained about, when they were made. Nothing else depends on it, so what
        cannot be read is left out."""
        there = {str(uri) for uri in self._store.list_lasting(_warnings_of(plan, bucket))}
        wanted = [
            uri
            for chunk in references
            if chunk.sha256 and str(uri := _warnings_uri(plan, chunk.index, chunk.sha256, bucket)) in there
        ]

        def fetch(uri: S3Uri) -> Complaints:
            try:
                with self._store.read(uri) as body:
                    told = json.loads(body.read(_MOST_WARNING_BYTES))
            except (ObjectMissing, ValueError):
                return {}
            if not isinstance(told, dict):
                return {}
            return {str(text): frame if isinstance(frame, int) else None for text, frame in told.items()}

        return _in_parallel(fetch, wanted)

    def find_chunks(self, plan: Plan, bucket: str) -> list[ChunkReference]:
        """The chunks of *plan* that an earlier render left, each read and found to have the digest in its name."""
        there = self._digests_there(plan, bucket)

        def sound(index: int) -> ChunkReference | None:
            for sha256 in there.get(_frames_of(plan, index), []):
                if self._is_sound(chunk_uri(plan, index, sha256, bucket), index, sha256, plan.output.format):
                    return ChunkReference(index, None, sha256, plan.chunks[index].frames)
            return None

        return [found for found in _in_parallel(sound, range(len(plan.chunks))) if found is not None]

    def name_chunks(self, plan: Plan, bucket: str) -> list[ChunkReference]:
        """Every chunk of *plan*, as it lies there: made by this render, or by one that shows the same.

        Raises:
            RenderError: ``CHUNK_MISSING``.
        """
        there = self._digests_there(plan, bucket)
        named = []
        for chunk in plan.chunks:
            digests = there.get(_frames_of(plan, chunk.index))
            if not digests:
                raise render_error(
                    "CHUNK_MISSING",
                    f"no chunk {chunk.index} lies under {_chunks_of(plan, bucket)}",
                    chunk=chunk.index,
                )
            named.append(ChunkReference(chunk.index, None, digests[0], chunk.frames))
        return named

    def _digests_there(self, plan: Plan, bucket: str) -> dict[str, list[str]]:
        """The digests of the chunks in the bucket that show what *plan* shows, by their frames."""
        there: dict[str, list[str]] = {}
        for uri in self._store.list_lasting(_chunks_of(plan, bucket)):
            frames, _dash, digest = uri.key.rpartition("/")[2].partition(".")[0].rpartition("-")
            there.setdefault(frames, []).append(digest)
        return there

    def fetch_chunks(self, references: Sequence[ChunkReference], plan: Plan, bucket: str, target: Path) -> list[Path]:
        """Bring all chunks to *target*, several at a time, in the order of *references*. Assemble checks their digests.

        Raises:
            RenderError: ``CHUNK_MISSING`` or, for an archive that cannot be read, ``CHUNK_DIGEST_MISMATCH``.
        """
        target.mkdir(parents=True, exist_ok=True)

        def fetch(chunk: ChunkReference) -> Path:
            uri = chunk.uri or chunk_uri(plan, chunk.index, chunk.sha256 or "", bucket)
            return self._fetch_chunk(uri, chunk.index, plan.output.format, target)

        return _in_parallel(fetch, references)

    def store_output(self, output: Path, uri: S3Uri, format: str) -> int:
        """Store the finished video and return its size in the store."""
        return self._store_result(output, uri, format)

    def _publish_archive(self, locator: PlanLocator, plan_dir: Path, name: str, artifacts: Iterable[Artifact]) -> None:
        items = [(artifact.path, plan_dir / artifact.path) for artifact in artifacts]
        packed = self._scratch / name
        (pack_tar_zst if name.endswith(".zst") else pack_tar)(items, packed)
        self._store.write(locator.artifacts.join(name), packed, "application/octet-stream")
        packed.unlink()

    def _fetch_document(self, locator: PlanLocator, plan_dir: Path) -> Plan:
        plan_dir.mkdir(parents=True, exist_ok=True)
        try:
            with self._store.read(locator.manifest) as stream:
                copy_hashed(stream, plan_dir / DOCUMENT_NAME)
        except ObjectMissing as error:
            raise _missing(str(locator.manifest)) from error
        return read_plan(plan_dir)

    def _fetch_artifacts(
        self, locator: PlanLocator, plan: Plan, wanted: Iterable[Artifact], archives: tuple[str, ...], plan_dir: Path
    ) -> None:
        published = _archives(plan)
        expected = {artifact.path: artifact for artifact in wanted}
        found = _in_parallel(
            lambda name: self._fetch_archive(locator.artifacts.join(name), expected, plan_dir),
            [name for name in archives if name in published],
        )
        missing = sorted(set(expected).difference(*found))
        if missing:
            raise _missing(missing[0])

    def _fetch_archive(self, uri: S3Uri, expected: dict[str, Artifact], plan_dir: Path) -> set[str]:
        """Write the expected files of one archive, each checked; only paths that the plan names are ever written."""
        written = set()
        try:
            with self._store.read(uri) as stream:
                for name, content in unpack_files(stream, "zst" if uri.key.endswith(".zst") else ""):
                    artifact = expected.get(name)
                    if artifact is None:
                        continue
                    sha256, _size = copy_hashed(content, _inside(plan_dir, name))
                    if sha256 != artifact.sha256:
                        raise _altered(name, artifact.sha256, sha256)
                    written.add(name)
        except ObjectMissing as error:
            raise _missing(str(uri)) from error
        except DAMAGED as error:
            raise render_error(
                "PLAN_ARTIFACT_DIGEST_MISMATCH", f"{uri} cannot be read: {error}", path=str(uri)
            ) from error
        return written

    def _store_result(self, result: Path, uri: S3Uri, format: str) -> int:
        if format not in _FOLDER_FORMATS:
            self._store.write(uri, result, CONTENT_TYPES[format])
            return result.stat().st_size
        with tempfile.NamedTemporaryFile(dir=self._scratch, suffix=".tar.gz") as packed:
            pack_tar_gz(result, Path(packed.name))
            self._store.write(uri, Path(packed.name), CONTENT_TYPES[format])
            return Path(packed.name).stat().st_size

    def _is_sound(self, uri: S3Uri, index: int, sha256: str, format: str) -> bool:
        """Whether the bytes at *uri* have the digest *sha256*; a chunk that does not is made again."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            try:
                path = self._fetch_chunk(uri, index, format, Path(folder))
            except RenderError:
                return False
            return (tree_sha256 if path.is_dir() else file_sha256)(path) == sha256

    def _fetch_chunk(self, uri: S3Uri, index: int, format: str, target: Path) -> Path:
        name = f"{index:04d}"
        path = target / (name if format in _FOLDER_FORMATS else name + FORMAT_EXTENSIONS[format])
        try:
            with self._store.read(uri) as stream:
                if format not in _FOLDER_FORMATS:
                    with path.open("wb") as sink:
                        shutil.copyfileobj(stream, sink, 1 << 20)
                else:
                    path.mkdir()
                    for file, content in unpack_files(stream, "gz"):
                        copy_hashed(content, _inside(path, file))
        except ObjectMissing as error:
            raise render_error("CHUNK_MISSING", f"{uri} does not exist", chunk=index) from error
        except DAMAGED as error:
            raise render_error("CHUNK_DIGEST_MISMATCH", f"{uri} cannot be read: {error}", chunk=index) from error
        return path


def chunk_uri(plan: Plan, index: int, sha256: str, bucket: str) -> S3Uri:
    """Where chunk *index* of *plan* lies."""
    extension = FORMAT_EXTENSIONS[plan.output.format]
    return _chunks_of(plan, bucket).join(f"{_frames_of(plan, index)}-{sha256}{extension}")


def _warnings_uri(plan: Plan, index: int, sha256: str, bucket: str) -> S3Uri:
    return _warnings_of(plan, bucket).join(f"{_frames_of(plan, index)}-{sha256}.json")


def _warnings_of(plan: Plan, bucket: str) -> S3Uri:
    return S3Uri(bucket, f"{WARNINGS_PREFIX}/{plan.visual_hash}/")


def _chunks_of(plan: Plan, bucket: str) -> S3Uri:
    return S3Uri(bucket, f"{CHUNKS_PREFIX}/{plan.visual_hash}/")


def _frames_of(plan: Plan, index: int) -> str:
    chunk = plan.chunks[index]
    return f"{chunk.start:06d}-{chunk.end:06d}"


def _archives(plan: Plan) -> dict[str, list[Artifact]]:
    """The archives of a plan that hold anything; the plan alone decides, so reader and writer agree."""
    packed: dict[str, list[Artifact]] = {}
    for artifact in plan.artifacts:
        if artifact.chunks is None:
            packed.setdefault(SITE_ARCHIVE, []).append(artifact)
        for index in artifact.chunks or ():
            packed.setdefault(_chunk_archive(index), []).append(artifact)
        if artifact.assembler:
            packed.setdefault(ASSEMBLER_ARCHIVE, []).append(artifact)
    return packed


def _chunk_archive(index: int) -> str:
    return f"chunk-{index:04d}.tar"


def _in_parallel[I, R](function: Callable[[I], R], items: Sequence[I]) -> list[R]:
    """Results in the order of the items; the first failure is raised."""
    with workers(PARALLEL_TRANSFERS) as pool:
        return list(pool.map(function, items))


def _inside(folder: Path, name: str) -> Path:
    """A path below *folder*; an archive in the bucket that names another one was not written by this function."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _altered(name, "a path of the plan", name)
    return path


def _missing(what: str) -> Exception:
    return render_error("MISSING_PLAN_ARTIFACT", f"{what} does not exist", path=what)


def _altered(path: str, expected: str, found: str) -> Exception:
    return render_error(
        "PLAN_ARTIFACT_DIGEST_MISMATCH", f"{path}: expected {expected}, found {found}", path=path, expected=expected
    )
