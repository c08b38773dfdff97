# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m hyperframes_local_aws up|down|status --folder FOLDER``: prints its result as JSON."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import server


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="hyperframes_local_aws", description=__doc__)
    parser.add_argument("verb", choices=("up", "down", "status"))
    parser.add_argument("--folder", type=Path, required=True, help="where it keeps all its files")
    parser.add_argument("--port", type=int, help="port to listen on; 0: any; default: 4566, or any when taken")
    parser.add_argument("--ready-seconds", type=float, default=server.READY_SECONDS, help="how long to wait for it")
    parser.add_argument("--concurrency", type=int, help="functions that run at once; 0: all; default: one a core")
    parser.add_argument("--keep-log", action="store_true", help="down: leave the log")
    parser.add_argument("--check", action="store_true", help="up, down: only say whether anything would change")
    options = parser.parse_args(arguments)
    folder = options.folder.resolve()
    try:
        if options.check:
            state = server.predict(folder, options.verb)
        elif options.verb == "up":
            state = server.up(folder, options.port, options.ready_seconds, options.concurrency)
        elif options.verb == "down":
            state = server.down(folder, remove=not options.keep_log)
        else:
            state = server.status(folder)
    except server.ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(server.to_json(state) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
