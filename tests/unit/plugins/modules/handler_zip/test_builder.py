# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole builds: the same bytes from the same inputs, no build without need, foretold in check mode."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import marshal
import os
import shutil
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import zstandard

from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip import builder
from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.errors import BuildError

TAG = sys.implementation.cache_tag


def names(path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def read(path, name) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def test_the_tree(bench, build):
    result = build(bench.request)
    assert result.changed
    assert names(bench.request.zip_path) == {
        "NOTICE",
        "fonts/fonts.json",
        "fonts/inter/LICENSE",
        *(
            f"fonts/inter/inter-{subset}-{face}.woff2"
            for subset in ("latin", "latin-ext")
            for face in ("400-normal", "700-normal", "400-italic")
        ),
        "hyperframes_lambda/__init__.py",
        "hyperframes_lambda/handler.py",
        f"hyperframes_lambda/__pycache__/__init__.{TAG}.pyc",
        f"hyperframes_lambda/__pycache__/handler.{TAG}.pyc",
        "licenses/ffmpeg-GPL-3.0.txt",
        "licenses/hyperframes-core.txt",
        "licenses/plain-fonts.txt",
        "licenses/sparticuz-chromium.txt",
        "page/audio-fx-runtime-inline.js",
        "page/hyperframe.runtime.iife.js",
        "parts/Plain.ttf.zst",
        "parts/chromium.zst",
        "parts/ffmpeg.zst",
        "parts/index.json",
        "parts/libGLESv2.so.zst",
        "parts/libframe_memory.so.zst",
        "parts/libnss3.so.zst",
        "parts/libsqlite3.so.0.zst",
        "tinylib/__init__.py",
        f"tinylib/__pycache__/__init__.{TAG}.pyc",
        "tinylib/fast.so",
        "tinylib-1.0.dist-info/METADATA",
        "tinylib-1.0.dist-info/licenses/LICENSE",
    }


def test_the_size_table_adds_up(bench, build):
    result = build(bench.request)
    with zipfile.ZipFile(bench.request.zip_path) as archive:
        total = sum(info.file_size for info in archive.infolist())
    assert result.sizes["total"] == total == sum(size for name, size in result.sizes.items() if name != "total")
    assert result.size == bench.request.zip_path.stat().st_size
    assert result.sha256 == hashlib.sha256(bench.request.zip_path.read_bytes()).hexdigest()


def test_entries_have_fixed_times_modes_and_order(bench, build):
    build(bench.request)
    with zipfile.ZipFile(bench.request.zip_path) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.external_attr >> 16 for info in infos} == {0o100644}
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}


def test_the_same_inputs_give_the_same_bytes_elsewhere_and_later(bench, tmp_path_factory, monkeypatch, build):
    first = build(bench.request).sha256
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(bench.root / "handler", elsewhere / "handler", copy_function=shutil.copyfile)
    shutil.copytree(bench.root / "cache", elsewhere / "cache", ignore=shutil.ignore_patterns("parts", "archives"))
    for path in (elsewhere / "handler").rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    time.tzset()
    request = replace(bench.request, handler_dir=elsewhere / "handler", cache_dir=elsewhere / "cache")
    second = build(replace(request, zip_path=elsewhere / "other.zip", toolchain_dir=None))
    assert second.sha256 == first


def test_second_build_changes_nothing_and_touches_nothing(bench, build):
    build(bench.request)
    before = bench.request.zip_path.stat()
    shutil.rmtree(bench.root / "cache")
    result = build(bench.request)
    assert not result.changed
    assert result.diff == {"before": {}, "after": {}}
    assert bench.request.zip_path.stat() == before
    assert result.sizes["total"] > 0


def test_code_change_packs_no_program_again(bench, monkeypatch, build):
    build(bench.request)
    bench.write("handler/hyperframes_lambda/handler.py", "def handler(event, context): return None\n")
    monkeypatch.setattr(zstandard, "ZstdCompressor", None)
    result = build(bench.request)
    assert result.changed
    assert read(bench.request.zip_path, "hyperframes_lambda/handler.py").endswith(b"return None\n")


def test_check_tells_what_differs_and_writes_nothing(bench, build):
    build(bench.request)
    bench.write("handler/hyperframes_lambda/extra.py", "")
    before = bench.request.zip_path.read_bytes()
    result = build(bench.request, check=True)
    assert result.changed
    assert result.sha256 is None
    assert list(result.diff["after"]) == ["hyperframes_lambda/extra.py"]
    assert result.diff["before"] == {}
    assert bench.request.zip_path.read_bytes() == before
    assert not build(replace(bench.request, python_runtime="python3.13"), check=True).diff["before"]


def test_check_before_the_first_build_needs_no_cache(empty_cache, build):
    result = build(empty_cache.request, check=True)
    assert result.changed
    assert not (empty_cache.root / "cache").exists()
    assert not (empty_cache.root / "build").exists()


def test_check_names_the_runtime_when_it_changes(bench, build):
    build(bench.request)
    diff = build(replace(bench.request, python_runtime="python3.12"), check=True).diff
    assert diff == {"before": {"python runtime": "python3.13"}, "after": {"python runtime": "python3.12"}}


def test_zip_that_was_altered_is_built_again(bench, build):
    first = build(bench.request)
    bench.request.zip_path.write_bytes(b"other")
    assert build(bench.request, check=True).changed
    again = build(bench.request)
    assert (again.changed, again.sha256) == (True, first.sha256)


def test_toolchain_folder_is_the_zip_without_python(bench, build):
    build(bench.request)
    folder = bench.root / "toolchain"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {".digest"}
    python = {"hyperframes_lambda", "tinylib", "tinylib-1.0.dist-info"}
    assert found == {name for name in names(bench.request.zip_path) if name.split("/")[0] not in python}


def test_toolchain_folder_that_is_gone_is_made_again(bench, build):
    first = build(bench.request)
    shutil.rmtree(bench.root / "toolchain")
    assert build(bench.request, check=True).changed
    result = build(bench.request)
    assert (result.changed, result.sha256) == (True, first.sha256)
    assert (bench.root / "toolchain/parts/index.json").is_file()
    assert not build(bench.request).changed


def test_without_a_toolchain_folder_none_is_made(bench, without_toolchain, build):
    build(without_toolchain)
    assert not (bench.root / "toolchain").exists()


def test_former_content_of_the_toolchain_folder_goes(bench, build):
    stale = bench.write("toolchain/parts/old.zst", b"old")
    build(bench.request)
    assert not stale.exists()
    assert sorted(path.name for path in bench.root.iterdir()) == ["build", "cache", "handler", "toolchain"]


def test_index_names_what_the_parts_hold(bench, build):
    build(bench.request)
    index = json.loads(read(bench.request.zip_path, "parts/index.json"))
    assert index["browser_version"] == "153.0.8010.0"
    for part in index["parts"]:
        packed = read(bench.request.zip_path, f"parts/{part['file']}")
        raw = zstandard.ZstdDecompressor().decompress(packed)
        assert (len(raw), hashlib.sha256(raw).hexdigest()) == (part["size"], part["sha256"])
        assert (len(packed), hashlib.sha256(packed).hexdigest()) == (part["packed_size"], part["packed_sha256"])
        assert part["executable"] is (part["target"] in ("chromium/chromium", "ffmpeg"))


def test_a_font_package_may_tell_its_ranges_in_a_stylesheet(tmp_path, tarball):
    from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip import fonts
    from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.sources import FontSource

    rule = "@font-face { src: url(./files/%s.woff2) format(woff2); unicode-range: %s; }"
    sheet = rule % ("0", "U+1f1e6-1f1ff") + rule % ("1", "U+23, U+2a")
    files = {"index.css": sheet.encode(), "files/0.woff2": b"flags", "files/1.woff2": b"keys", "unicode.json": b"no"}
    (tmp_path / "x.tgz").write_bytes(tarball("@x/emoji", "1.0.0", files))
    source = FontSource("Emoji", "@x/emoji", (400,), (), ("*",), "index.css")
    entries = {entry.path: entry.source for entry in fonts.font_entries((source,), {"@x/emoji": tmp_path / "x.tgz"})}
    assert entries["fonts/emoji/1.woff2"] == b"keys"
    rows = json.loads(entries["fonts/fonts.json"])
    assert [(row["file"], row["unicode_range"]) for row in rows] == [
        ("emoji/0.woff2", "U+1f1e6-1f1ff"),
        ("emoji/1.woff2", "U+23,U+2a"),
    ]


def test_fonts_are_indexed_with_their_ranges(bench, build):
    build(bench.request)
    rows = json.loads(read(bench.request.zip_path, "fonts/fonts.json"))
    assert len(rows) == 6
    row = next(row for row in rows if (row["subset"], row["weight"], row["style"]) == ("latin-ext", 400, "italic"))
    data = read(bench.request.zip_path, "fonts/" + row["file"])
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert row["unicode_range"] == "U+0100-02BA"


def test_notice_names_every_component_and_version(bench, build):
    build(bench.request)
    notice = read(bench.request.zip_path, "NOTICE").decode()
    for row in ("Chromium 153.0.8010.0", "@hyperframes/core 1.0.0", "imageio-ffmpeg 0.8.1", "tinylib 1.0"):
        assert f"  {row}\n" in notice + "\n"


def test_code_is_compiled_and_never_compared_with_its_source(bench, build):
    """Flags 1: the bytecode is named by its source's hash, and is taken as it is."""
    build(bench.request)
    data = read(bench.request.zip_path, f"hyperframes_lambda/__pycache__/handler.{TAG}.pyc")
    assert data[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(data[4:8], "little") == 1
    source = (bench.root / "handler/hyperframes_lambda/handler.py").read_bytes()
    assert data[8:16] == importlib.util.source_hash(source)
    code = marshal.loads(data[16:])
    assert code.co_filename == "/var/task/hyperframes_lambda/handler.py"


def test_file_for_another_python_is_not_compiled(bench, build):
    bench.write("handler/hyperframes_lambda/template.py", "print 'hello'\n")
    build(bench.request)
    assert [name for name in names(bench.request.zip_path) if "template" in name] == ["hyperframes_lambda/template.py"]


def test_code_change_compiles_no_package_again(bench, build):
    build(bench.request)
    before = set((bench.root / "cache/bytecode").iterdir())
    bench.write("handler/hyperframes_lambda/handler.py", "def handler(event, context): return None\n")
    build(bench.request)
    assert len(set((bench.root / "cache/bytecode").iterdir()) - before) == 1


def test_c_code_is_compiled_again_when_it_changes(bench, build):
    first = build(bench.request)
    packed = bench.root / "toolchain/parts/libframe_memory.so.zst"
    library = zstandard.ZstdDecompressor().decompress(packed.read_bytes())
    assert library.startswith(b"\x7fELF")
    assert b"compiled int answer" in library
    bench.write("handler/native/frame_memory.c", "int other;\n")
    foretold = build(bench.request, check=True)
    assert "native/frame_memory.c" in foretold.diff["after"]
    assert build(bench.request).sha256 != first.sha256
    assert b"int other" in zstandard.ZstdDecompressor().decompress(packed.read_bytes())


def test_c_code_that_does_not_compile(bench, build):
    bench.write("handler/native/frame_memory.c", "broken\n")
    with pytest.raises(BuildError, match=r"frame_memory\.c, cannot be compiled:\nerror: expected ';'"):
        build(bench.request)
    (bench.root / "handler/native/frame_memory.c").unlink()
    with pytest.raises(BuildError, match="holds no native/frame_memory.c"):
        build(bench.request)


def test_over_the_budget_says_what_takes_the_room(bench, build):
    request = replace(bench.request, budget=2000)
    with pytest.raises(BuildError, match=r"over the budget of 0 MiB:\n  .*MiB\n(.*\n)+  total"):
        build(request)
    assert not request.zip_path.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"python_runtime": "python3.11"}, "python_runtime is 'python3.11'; allowed: python3.13, python3.12"),
        ({"level": 23}, "compression_level is 23; allowed: 1 to 22"),
        ({"chromium_source": "/nowhere"}, "chromium_source '/nowhere' does not exist"),
    ],
)
def test_bad_requests_are_refused_before_any_work(bench, change, message, build):
    with pytest.raises(BuildError, match=message):
        build(replace(bench.request, **change))


def test_folder_that_is_no_handler(bench, tmp_path, build):
    with pytest.raises(BuildError, match=r"sources\.json' cannot be read"):
        build(replace(bench.request, handler_dir=tmp_path / "cache"))


def test_place_that_cannot_be_written_is_named(bench, build):
    blocked = bench.write("file", b"")
    with pytest.raises(BuildError, match="the ZIP cannot be written to .*file/handler.zip"):
        build(replace(bench.request, zip_path=blocked / "handler.zip"))
    with pytest.raises(BuildError, match="the cache of repacked parts cannot be written to"):
        build(replace(bench.request, cache_dir=blocked / "cache"))


def test_page_runtime_that_is_not_the_pinned_one(bench, build):
    body = json.loads((bench.root / "handler/sources.json").read_text())
    bench.pin(page_runtime={**body["page_runtime"], "sha256": "0" * 64})
    with pytest.raises(BuildError, match="the page runtime has SHA-256 .* pinned is 0000"):
        build(bench.request)


def test_builds_at_the_same_time_share_one_cache(bench, build):
    requests = [replace(bench.request, zip_path=bench.root / f"{number}.zip", toolchain_dir=None) for number in (1, 2)]
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(build, requests)
    assert first.sha256 == second.sha256


def test_other_libzstd_is_warned_about(bench, monkeypatch, build):
    monkeypatch.setattr(builder, "LIBZSTD", "9.9.9")
    assert "another SHA-256" in build(bench.request).warnings[0]
