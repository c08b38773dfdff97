# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Between objects in S3 and folders on disk: the only package that knows where a render's data lies.

:mod:`.objects` reads and writes single objects, :mod:`.archives` packs and unpacks tar files, and
:class:`~.transport.Storage` moves projects, plans, chunks and outputs with both.
"""

from .objects import object_store
from .transport import Storage

__all__ = ["Storage", "object_store"]
