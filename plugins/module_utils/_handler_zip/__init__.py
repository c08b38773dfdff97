# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Builds the handler's ZIP and the toolchain folder.

It imports nothing of Ansible; ``files/handler/build_zip.py`` runs it alone. A build reads top to bottom as
:mod:`.builder` does: pinned inputs are fetched (:mod:`.fetch`), programs are repacked (:mod:`.parts`), the tree is laid
out (:mod:`.layout`, :mod:`.packages`, :mod:`.fonts`, :mod:`.notices`), and it is written as a ZIP and as a folder
(:mod:`.archive`). :mod:`.manifest` tells beforehand whether any of it is needed.
"""
