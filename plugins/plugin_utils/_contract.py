# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller's door to the handler's contract.

Error codes, wire format, settings and chunk arithmetic exist once, in ``files/handler/hyperframes_lambda``, because the
function has to carry them. Action, filter and lookup plugins read them from there, through this module::

    from ansible_collections.hyperframes.aws.plugins.plugin_utils._contract import chunks, config, errors, events

    config.RenderConfig.from_wire({"fps": 30, "format": "mp4"})

The four modules use the standard library alone (Python 3.10 and later). The package is loaded by its path, so that it
needs no place on ``sys.path`` and works from a checkout, from an installed collection and in tests alike. A module that
runs on a remote host cannot use this: the folder ``files`` stays on the controller.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

HANDLER_DIR = Path(__file__).resolve().parents[2] / "files" / "handler"
"""Folder that holds the handler's package."""

PACKAGE = "hyperframes_lambda"


def _load_package() -> ModuleType:
    """The handler's package, loaded from :data:`HANDLER_DIR` unless that very folder is loaded already.

    Raises:
        ImportError: the collection is incomplete.
    """
    init = HANDLER_DIR / PACKAGE / "__init__.py"
    loaded = sys.modules.get(PACKAGE)
    if loaded is not None and Path(str(loaded.__file__)).resolve() == init:
        return loaded
    spec = importlib.util.spec_from_file_location(PACKAGE, init, submodule_search_locations=[str(init.parent)])
    if spec is None or spec.loader is None or not init.is_file():
        raise ImportError(f"{init} does not exist: the collection hyperframes.aws is incomplete")
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
    return package


_load_package()
errors = importlib.import_module(f"{PACKAGE}.errors")
config = importlib.import_module(f"{PACKAGE}.config")
chunks = importlib.import_module(f"{PACKAGE}.chunks")
events = importlib.import_module(f"{PACKAGE}.events")

__all__ = ["HANDLER_DIR", "PACKAGE", "chunks", "config", "errors", "events"]
