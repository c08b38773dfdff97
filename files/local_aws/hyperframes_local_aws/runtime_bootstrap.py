# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""First code of a function's process: what is /var/runtime/bootstrap.py on Lambda.

Run as ``python -S bootstrap.py`` from a folder that holds AWS's runtime client and nothing else. Without ``site`` no
package of this machine's Python can be imported, so a ZIP that lacks a package fails here as it does on AWS.
"""

import os
import site
import sys


def main() -> None:
    runtime = os.path.dirname(os.path.abspath(__file__))
    task_root = os.environ["LAMBDA_TASK_ROOT"]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    opt = os.environ.pop("HYPERFRAMES_LOCAL_OPT", "/opt")
    own = {runtime, ""}
    extra = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path not in own]
    standard_library = [path for path in sys.path if path not in own and path not in extra]
    layers = [f"{opt}/python/lib/{version}/site-packages", f"{opt}/python"]
    sys.path[:] = [task_root, *extra, *layers, runtime, *standard_library]
    site.setquit()
    site.setcopyright()
    site.sethelper()
    from awslambdaric.__main__ import main as serve

    serve(["bootstrap", os.environ["_HANDLER"]])


if __name__ == "__main__":
    main()
