# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to the handler's contract."""

from __future__ import annotations

import importlib
import sys

import pytest

from ansible_collections.hyperframes.aws.plugins.plugin_utils import _contract


def test_gives_the_modules_of_the_handler() -> None:
    assert "InvalidConfigError" in _contract.errors.CODES
    assert _contract.config.RenderConfig.from_wire({"fps": 24}).to_wire() == {"fps": 24, "format": "mp4"}
    assert len(_contract.chunks.chunk_ranges(90, max_parallel_chunks=4)) == 4
    assert _contract.events.S3Uri.parse("s3://bucket/key").key == "key"


def test_shares_the_classes_of_a_package_that_is_loaded_already() -> None:
    assert _contract._load_package() is sys.modules[_contract.PACKAGE]
    error = _contract.errors.render_error("PLAN_TOO_LARGE", "too large")
    assert isinstance(error, importlib.import_module("hyperframes_lambda.errors").RenderError)


def test_replaces_a_package_of_the_same_name_from_elsewhere(tmp_path, monkeypatch) -> None:
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == _contract.PACKAGE}
    (tmp_path / "stranger.py").write_text("")
    stranger = type(sys)(_contract.PACKAGE)
    stranger.__file__ = str(tmp_path / "stranger.py")
    monkeypatch.setitem(sys.modules, _contract.PACKAGE, stranger)
    try:
        assert _contract._load_package() is not stranger
        assert sys.modules[_contract.PACKAGE].__file__.startswith(str(_contract.HANDLER_DIR))
    finally:
        sys.modules.update(before)


def test_names_what_is_missing(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(_contract, "HANDLER_DIR", tmp_path)
    with pytest.raises(ImportError, match="incomplete"):
        _contract._load_package()
