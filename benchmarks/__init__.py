# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Speed beside HyperFrames' own renderer, on this machine, in one run: ``make bench``; see README.md."""
