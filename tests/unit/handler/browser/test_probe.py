# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What the planner learns from the browser, and how pages that cannot be rendered end."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from hyperframes_lambda.browser import page as page_module
from hyperframes_lambda.browser.probe import probe_composition
from hyperframes_lambda.errors import RenderError

pytestmark = pytest.mark.browser


@pytest.fixture
def probe(toolchain):
    return lambda site, **more: probe_composition(site, "index.html", width=160, height=90, toolchain=toolchain, **more)


@pytest.fixture
def impatient(monkeypatch):
    """Time limits that a test can wait for."""
    monkeypatch.setattr(page_module, "SCRIPT_SECONDS", 6.0)


def code_of(probe, site) -> tuple[str, str]:
    with pytest.raises(RenderError) as caught:
        probe(site)
    return caught.value.code, str(caught.value)


def test_duration_and_what_was_asked(probe, site, toolchain):
    facts = probe(site(body="<p>a</p><p>b</p>"), evaluate={"paragraphs": "document.querySelectorAll('p').length"})
    assert facts.duration == 2
    assert facts.results == {"paragraphs": 2}
    assert facts.browser_version == toolchain.browser_version


def test_a_composition_without_end_is_named(probe, site):
    folder = site(
        style="@keyframes spin { to { rotate: 1turn } } h1 { animation: spin 1s infinite }",
        body="<h1 id='wheel'>x</h1>",
    )
    entry = folder / "index.html"
    entry.write_text(entry.read_text().replace('data-duration="2"', ""))
    facts = probe(folder)
    assert facts.duration == 0
    assert facts.infinite == ["animation spin of h1#wheel: infinite iterations"]


def test_the_network_is_out_of_reach_and_it_is_said(probe, site):
    facts = probe(
        site(
            body='<img src="gone.png">',
            script="fetch('https://example.com/data').catch(() => 0); "
            "fetch('http://127.0.0.1:9001/x').catch(() => 0); new WebSocket('ws://10.0.0.1/');",
        )
    )
    assert "http://127.0.0.1:9001/x: blocked, a render has no network" in facts.warnings
    assert "https://example.com: blocked, a render has no network" in facts.warnings
    assert "/gone.png: no such file" in facts.warnings


def test_shader_transitions_that_cannot_be_drawn_are_said(probe, site):
    facts = probe(site(script="window.__hf.transitions = [{ time: 1, shader: 'glitch' }, { time: 2 }]"))
    assert any(line.startswith("1 shader transition(s) are cuts") for line in facts.warnings)


def test_dialogs_popups_and_workers_do_not_hold_it_up(probe, site):
    script = "alert(1); confirm(2); prompt(3); print(); window.open('/'); navigator.serviceWorker.register('/sw.js')"
    assert probe(site(script=f"{script}.catch(() => 0)")).duration == 2


def test_a_change_of_address_within_the_page_is_fine(probe, site):
    assert probe(site(script="location.hash = 'a'; history.pushState({}, '', '/elsewhere')")).duration == 2


@pytest.mark.parametrize("script", ["location.href = '/other.html'", "location.reload()"])
def test_a_page_that_leaves(probe, site, script):
    folder = site(script=f"setTimeout(() => {{ {script} }}, 50)", other__html="<p>other")
    with pytest.raises(RenderError) as caught:
        probe(folder, evaluate={"later": "new Promise((resolve) => setTimeout(resolve, 5000))"})
    assert caught.value.code == "PAGE_NAVIGATED_AWAY"


def test_a_script_without_end(probe, site, impatient):
    code, message = code_of(probe, site(script="for (;;);"))
    assert code == "COMPOSITION_SCRIPT_TIMEOUT"
    assert "busy" in message


def test_a_page_that_grades_has_more_time(probe, site, monkeypatch):
    """Its shaders take seconds each, in which it does not answer."""
    monkeypatch.setattr(page_module, "SCRIPT_SECONDS", 1.0)
    busy = (
        "for (const now = Performance.prototype.now, end = now.call(performance) + 4000; now.call(performance) < end;);"
    )
    assert code_of(probe, site(script=busy))[0] == "COMPOSITION_SCRIPT_TIMEOUT"
    assert probe(site(body='<i data-color-grading="{}"></i>', script=busy)).duration == 2


def test_what_is_missing_is_named(probe, tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html><p>no composition")
    code, message = code_of(probe, tmp_path)
    assert code == "COMPOSITION_NOT_READY"
    assert "an element with data-composition-id" in message


def test_chromium_that_is_not_there(toolchain, site):
    broken = dataclasses.replace(toolchain, chromium=Path("/nonexistent/chromium"))
    with pytest.raises(RenderError, match="no Chromium at") as caught:
        probe_composition(site(), "index.html", width=160, height=90, toolchain=broken)
    assert caught.value.code == "ChromeBinaryUnavailableError"
