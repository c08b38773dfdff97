# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Distributed renderer for HyperFrames compositions: plan, render chunks, assemble.

Runs in AWS Lambda through :mod:`hyperframes_lambda.handler` and on one machine through
``python -m hyperframes_lambda``. The modules ``errors``, ``events``, ``config`` and ``chunks`` use the standard
library alone, so that the collection's controller-side plugins can import them.
"""

__version__ = "0.1.0"
