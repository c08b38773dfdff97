# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module around the builder: options in, facts out, one sentence when it fails."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common.text.converters import to_bytes

from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.parts import LEVEL
from ansible_collections.hyperframes.aws.plugins.modules import handler_zip


@pytest.fixture
def run(bench, monkeypatch, capsys):
    """Runs the module and returns what it prints."""

    def call(check: bool = False, **options) -> dict:
        arguments = {
            "path": str(bench.request.zip_path),
            "handler_dir": str(bench.request.handler_dir),
            "cache_dir": str(bench.request.cache_dir),
            "compression_level": 1,
            "_ansible_check_mode": check,
            "_ansible_remote_tmp": str(bench.root),
            **options,
        }
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", to_bytes(json.dumps({"ANSIBLE_MODULE_ARGS": arguments})))
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit):
            handler_zip.main()
        return json.loads(capsys.readouterr().out)

    return call


def test_build_then_nothing_then_foretold(run, bench):
    first = run()
    assert first["changed"] is True
    assert first["sizes"]["total"] > 0
    second = run()
    assert (second["changed"], second["sha256"]) == (False, first["sha256"])
    bench.write("handler/hyperframes_lambda/new.py", "")
    foretold = run(check=True)
    assert foretold["changed"] is True
    assert "sha256" not in foretold
    assert "hyperframes_lambda/new.py" in foretold["diff"]["after"]


def test_toolchain_folder_is_kept_when_asked_for(run, bench):
    run(toolchain_dir=str(bench.root / "toolchain"))
    assert (bench.root / "toolchain/parts/index.json").is_file()


def test_failure_is_a_sentence(run):
    answer = run(chromium_source="/nowhere")
    assert answer["failed"] is True
    assert answer["msg"] == "cannot build the handler's ZIP: chromium_source '/nowhere' does not exist"


def test_level_by_default_is_the_builder_s():
    assert handler_zip.argument_spec()["compression_level"]["default"] == LEVEL
