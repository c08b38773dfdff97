# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of modules that stage a project."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by the modules C(site) and C(render)."""

    DOCUMENTATION = r"""
options:
  project:
    description:
      - Folder of the composition, on the host that the module runs on.
      - Links are followed inside the folder. A link that leads outside is an error; one that leads nowhere, or in a
        circle, is left out.
      - Folders named C(node_modules), C(.git), C(.cache), C(output), C(failures), C(.next) and C(.turbo) at its top are
        left out, as HyperFrames does. A file C(.hyperframesignore), written as a C(.gitignore), leaves out more, or
        takes in again (C(!/output/)).
    type: path
  max_files:
    description: Refuse a project of more files than this.
    type: int
    default: 20000
  max_bytes:
    description: Refuse a project of more bytes than this.
    type: int
    default: 2147483648
"""
