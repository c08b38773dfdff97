# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Chromium: launch, serve a compiled site to it, make it ready, and take frames.

What the other packages use:

- :func:`.probe.probe_composition` opens a site once and tells what only a browser can know (plan);
- :class:`.session.CaptureSession` captures frames (chunk).
"""
