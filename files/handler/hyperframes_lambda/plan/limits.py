# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""How much one render may ask for. Every limit ends in a typed error that states it and the way out."""

from __future__ import annotations

from ..config import MAX_CHUNK_SIZE, MAX_PARALLEL_CHUNKS

GIB = 1 << 30
MIB = 1 << 20

MAX_PROJECT_FILES = 20_000
MAX_PROJECT_BYTES = 2 * GIB
"""HyperFrames' limit of a plan (services/distributed/planSize.ts); /tmp holds the archive, the project and the plan."""

MAX_PLAN_BYTES = 4 * GIB
MAX_MARKUP_BYTES = 16 * MIB
"""Of one HTML, CSS or script file that the planner reads, and of the compiled page before fonts are put in."""

MAX_DURATION_SECONDS = 24 * 60 * 60
"""``MAX_RENDER_DURATION_SECONDS`` of HyperFrames (services/render/planValidation.ts)."""

MAX_FRAMES = MAX_CHUNK_SIZE * MAX_PARALLEL_CHUNKS
MAX_PAGE_DIMENSION = 7680
MAX_SUB_COMPOSITION_DEPTH = 20
"""``MAX_SUB_COMPOSITION_DEPTH`` of HyperFrames (core compiler/compositionAssembly.ts)."""

MAX_SUB_COMPOSITIONS = 2_000
