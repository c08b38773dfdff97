# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare renders with reference videos: ``make conformance CASES=folder``.

Each case is a composition, a reference video and the thresholds that a renderer must reach (see :mod:`.cases`). A case
is rendered by the local pipeline, the same code that runs on Lambda, and measured: picture by PSNR at 100 checkpoints,
sound by the correlation of RMS envelopes, number of frames, duration, and where the case asks for it that the frames do
not depend on how the render was divided.
"""
