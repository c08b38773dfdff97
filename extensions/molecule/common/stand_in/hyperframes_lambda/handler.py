# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A handler that does nothing, under the name that the function's configuration has."""


def handler(event, context):
    return {"Action": event.get("Action")}
