# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line of ``make conformance``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from .cases import CaseError, find_cases
from .report import header, line, row, summary, to_json
from .run import run_case


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when every case passes, 1 when one falls short, 2 when there is nothing to run."""
    options = _parser().parse_args(arguments)
    try:
        folders = find_cases(options.cases, options.only)
        out = options.out / "conformance"
        out.mkdir(parents=True, exist_ok=True)
    except (CaseError, OSError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    name_width = max(len("case"), *(len(folder.name) for folder in folders))
    print(header(name_width), flush=True)
    results = []
    for folder in folders:
        result = run_case(folder, out, options.jobs)
        results.append(result)
        print(line(row(result), name_width), flush=True)
        for problem in result.problems:
            print(f"    {problem}", flush=True)
    report = options.out / "conformance.json"
    report.write_text(json.dumps(to_json(results), indent=2) + "\n", encoding="utf-8")
    print(f"\n{summary(results)}; figures: {report}, videos: {out}/")
    return 0 if all(result.passed for result in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="conformance", description="Render compositions and compare them with reference videos."
    )
    parser.add_argument("cases", type=Path, help="folder of cases, or one case")
    parser.add_argument("--only", action="extend", nargs="+", metavar="CASE", help="run these cases alone")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="chunks at once (default: cores)")
    parser.add_argument("--out", type=Path, default=Path("out"), help="where results lie (default: out)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
