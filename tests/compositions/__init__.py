# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small compositions, made by the tests themselves, for what the conformance set does not hold."""
