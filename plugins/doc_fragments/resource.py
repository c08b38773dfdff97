# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that the modules which keep one AWS resource share."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments C(hyperframes.aws.resource), and C(owner), C(wait) and C(versions) of it."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(present) makes the resource, or brings it to what the other options say.
      - V(absent) removes it.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Can run in C(check_mode) and tells what would change, without changing it.
    support: full
    details:
      - The prediction is made by the same comparison that a real run acts on.
  diff_mode:
    description: Returns what has changed, or in C(check_mode) what would change, when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second run changes nothing.
    support: full
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

    OWNER = r"""
options:
  owner_tags:
    description:
      - Tags by which one's own resource is known.
      - A resource that exists without one of them, or with another value, is somebody else's. It is neither changed nor
        removed, in C(check_mode) neither; that is an error.
      - Any resource of the name is taken over when they are not given.
    type: dict
"""

    WAIT = r"""
options:
  wait_timeout:
    description:
      - Seconds to wait until AWS has carried out what it was asked.
    type: int
    default: 300
"""

    VERSIONS = r"""
options:
  publish:
    description:
      - Whether what there is after this run has a version. One is published when the newest version is something else.
      - A version never changes, so what uses its ARN goes on undisturbed while an update is made.
    type: bool
    default: false
  alias:
    description:
      - Alias that points to the newest version, and to no other. Needs O(publish=true).
      - Aliases of other names are left alone.
    type: str
  keep_versions:
    description:
      - How many versions to keep; older ones are removed, but for those that an alias points to and those that were
        the newest one within O(keep_versions_seconds). V(0) keeps all.
    type: int
    default: 0
  versions_in_use:
    description: Numbers of versions that are kept in any case, because something names them.
    type: list
    elements: str
    default: []
  keep_versions_seconds:
    description: How long a version is kept after a newer one has taken its place. What runs meanwhile may use it.
    type: int
    default: 86400
"""
