# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which paths of a project are left out when it is staged: rules written as in ``.gitignore``.

Of git's language this understands comments, ``!`` (take in again), a trailing ``/`` (folders only), a leading or inner
``/`` (anchored at the project's root), ``*``, ``?``, ``[...]`` and ``**``. As in git, the last rule that matches a path
decides, and a file below a folder that is left out cannot be taken in again: such a folder is never entered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

IGNORE_FILE = ".hyperframesignore"

DEFAULT_RULES = (
    "/node_modules/",
    "/.git/",
    "/.cache/",
    "/output/",
    "/failures/",
    "/.next/",
    "/.turbo/",
    f"/{IGNORE_FILE}",
)
"""What HyperFrames leaves out (PLAN_PROJECT_DIR_SKIP_SEGMENTS in @hyperframes/producer services/distributed/plan.ts),
except ``dist``, which holds what pages load, and the ignore file itself. ``!/output/`` in a project's ignore file takes
such a folder in again."""


class IgnoreSyntaxError(ValueError):
    """A line of an ignore file cannot be read."""


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    folders_only: bool
    take_in: bool


class IgnoreRules:
    """Rules in order; later ones outrank earlier ones."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rules = [rule for number, line in enumerate(lines, 1) if (rule := _parse(number, line))]

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether *path*, relative to the project with forward slashes, is left out (its parents aside)."""
        for rule in reversed(self._rules):
            if (is_folder or not rule.folders_only) and rule.pattern.fullmatch(path):
                return not rule.take_in
        return False


def _parse(number: int, line: str) -> _Rule | None:
    text = _strip_trailing_spaces(line.rstrip("\r\n"))
    if not text or text.startswith("#"):
        return None
    take_in = text.startswith("!")
    if take_in:
        text = text[1:]
    elif text.startswith(("\\#", "\\!")):
        text = text[1:]
    folders_only = text.endswith("/")
    text = text.rstrip("/") if folders_only else text
    if not text:
        raise IgnoreSyntaxError(f"line {number}: {line!r} names nothing")
    anchored = "/" in text
    try:
        expression = _translate(text.lstrip("/"))
        return _Rule(re.compile(expression if anchored else f"(?:.*/)?{expression}", re.DOTALL), folders_only, take_in)
    except re.error as error:
        raise IgnoreSyntaxError(f"line {number}: {line!r} is not a pattern ({error})") from error


def _strip_trailing_spaces(text: str) -> str:
    """Trailing spaces do not count unless the last one is escaped."""
    stripped = text.rstrip(" ")
    return f"{stripped[:-1]} " if stripped.endswith("\\") and stripped != text else stripped


def _translate(glob: str) -> str:
    """A regular expression of one glob; ``*`` and ``?`` stay within a path segment, ``**`` does not."""
    out: list[str] = []
    position = 0
    while position < len(glob):
        char = glob[position]
        if glob.startswith("**/", position) and (position == 0 or glob[position - 1] == "/"):
            out.append("(?:.*/)?")
            position += 3
            continue
        if glob[position:] == "**" and position and glob[position - 1] == "/":
            out.append(".+")
            break
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[" and (end := glob.find("]", position + 2)) > 0:
            body = glob[position + 1 : end].replace("\\", "\\\\")
            out.append(f"(?!/)[{'^' + body[1:] if body[0] in '!^' else body}]")
            position = end
        elif char == "\\" and position + 1 < len(glob):
            position += 1
            out.append(re.escape(glob[position]))
        else:
            out.append(re.escape(char))
        position += 1
    return "".join(out)
