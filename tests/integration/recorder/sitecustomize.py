# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes every call to AWS of the processes that have this folder in ``PYTHONPATH``, one JSON line each.

Python imports a module of this name when it starts. The calls go to the file that ``HYPERFRAMES_CALLS`` names.
"""

from __future__ import annotations

import json
import os
import sys

_CALLS = os.environ.get("HYPERFRAMES_CALLS")


def _note(params, model, **_kwargs) -> None:
    line = {
        "service": model.service_model.signing_name,
        "operation": model.name,
        "given": sorted(name for name, value in params.items() if value),
    }
    with open(_CALLS, "a", encoding="utf-8") as calls:
        calls.write(json.dumps(line) + "\n")


def _record(session_module) -> None:
    plain = session_module.Session.__init__

    def init(self, *args, **kwargs) -> None:
        plain(self, *args, **kwargs)
        self.register("before-parameter-build", _note)

    session_module.Session.__init__ = init


class _Finder:
    """Lets botocore's sessions record once that module is there; most processes never import it."""

    def find_spec(self, name, path, target=None):
        if name != "botocore.session":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        plain = spec.loader.exec_module

        def exec_module(module) -> None:
            plain(module)
            _record(module)

        spec.loader.exec_module = exec_module
        return spec


if _CALLS and "botocore.session" in sys.modules:
    _record(sys.modules["botocore.session"])
elif _CALLS:
    sys.meta_path.insert(0, _Finder())
