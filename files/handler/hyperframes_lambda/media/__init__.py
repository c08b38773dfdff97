# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""ffmpeg: run it, read what it knows of a file, encode, join, extract and mix. Knows files, not plans."""
