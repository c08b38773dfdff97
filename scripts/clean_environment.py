# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Run a command that neither sees nor touches what the user has set up for other work.

    python scripts/clean_environment.py COMMAND [ARGUMENT ...]

Set-up and tests give the same result on every machine, so they get a home folder in the checkout (``.cache/home``) and,
of the environment, what says where programs and the network are. Of the user's settings of pip and npm only those go
along by which the two reach their registries.
"""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".cache" / "home"
MARK = "HYPERFRAMES_CLEAN_ENVIRONMENT"

KEPT = re.compile(
    r"PATH|TERM|USER|LOGNAME|LANG|LC_\w+|TMPDIR|CI|PYTHON|VENV|ARGS|EXTRA|MAKEFLAGS|MFLAGS|MAKELEVEL|LAYOUT"
    r"|HYPERFRAMES_\w+|PYENV_ROOT|UV_PYTHON_INSTALL_DIR"
    r"|(?i:https?_proxy|all_proxy|no_proxy)|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS"
    r"|PIP_(?:INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|TRUSTED_HOST|CERT|CLIENT_CERT|PROXY|DEFAULT_TIMEOUT|RETRIES|CACHE_DIR)"
    r"|(?i:npm_config_(?:registry|cafile|ca|proxy|https_proxy|noproxy|cache|update_notifier))"
)
"""Names of variables that go along. Those of AWS do where AWS_ENDPOINT_URL names the AWS to test against."""

PIP_OPTIONS = ("index-url", "extra-index-url", "find-links", "trusted-host", "cert", "client-cert", "proxy", "timeout")
NPM_OPTION = re.compile(
    r"\s*(?:(?:@[\w.-]+:)?registry|cafile|ca|cert|key|https?-proxy|proxy|noproxy|strict-ssl|//.*)\s*="
)


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """What of *environment* goes along, with the home folder in the checkout."""
    kept = {name: value for name, value in environment.items() if KEPT.fullmatch(name)}
    if "AWS_ENDPOINT_URL" in environment:
        kept |= {name: value for name, value in environment.items() if name.startswith("AWS_")}
    return {
        **kept,
        "HOME": str(HOME),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPYCACHEPREFIX": str(ROOT / ".cache" / "pycache"),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_HOME": str(ROOT / ".ansible"),
        "ANSIBLE_REMOTE_TEMP": str(ROOT / ".ansible" / "tmp"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "npm_config_cache": str(ROOT / ".cache" / "npm"),
        MARK: "1",
    }


def make_home(environment: Mapping[str, str]) -> None:
    """The home folder, with how pip and npm of *environment*'s user reach their registries."""
    theirs = Path(environment.get("HOME") or "~").expanduser()
    (HOME / ".config" / "pip").mkdir(parents=True, exist_ok=True)
    config = configparser.RawConfigParser(strict=False)
    for path in (theirs / ".pip" / "pip.conf", theirs / ".config" / "pip" / "pip.conf"):
        try:
            config.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError) as error:
            print(f"{path} cannot be read, so pip goes without it: {error}", file=sys.stderr)
    lines = ["[global]"]
    for option in PIP_OPTIONS:
        value = config.get("global", option, fallback=None)
        if value is not None:
            lines.append(f"{option} = " + value.replace("\n", "\n    "))
    (HOME / ".config" / "pip" / "pip.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        given = (theirs / ".npmrc").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        given = []
    (HOME / ".npmrc").write_text("".join(f"{line}\n" for line in given if NPM_OPTION.match(line)), encoding="utf-8")
    (HOME / ".npmrc").chmod(0o600)


def enter(environment: Mapping[str, str]) -> dict[str, str]:
    """The clean environment, its home made; *environment* itself when it is one already."""
    if environment.get(MARK) and environment.get("HOME") == str(HOME):
        return dict(environment)
    make_home(environment)
    return clean(environment)


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    return subprocess.run(sys.argv[1:], env=enter(os.environ), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
