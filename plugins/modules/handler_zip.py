# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that builds the handler's ZIP."""

from __future__ import annotations

DOCUMENTATION = r"""
module: handler_zip
short_description: Build the ZIP of the render function
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Builds the code of the Lambda function from its Python package and from pinned packages of PyPI and npm, each
    checked against its digest. Chromium and ffmpeg are repacked as zstd, because unpacked they exceed Lambda's
    limit.
  - The same inputs give the same bytes on any machine and day, so the ZIP's SHA-256 tells whether a function is up to
    date.
  - Packages are downloaded for the target, Amazon Linux 2023 on x86-64, whatever the machine is that builds. None of
    them is run, but for two compilers, that of Python code, which runs within WebAssembly, and Zig's for one file of C.
  - What was fetched and repacked is kept in O(cache_dir). The first build takes minutes; one that changes nothing but
    the handler's code takes seconds, one that changes nothing reads the ZIP and its manifest.
attributes:
  check_mode:
    description: Tells from the inputs whether a build is needed, without building.
    support: full
  diff_mode:
    description: Shows the inputs that differ from those of the ZIP that is there, such as versions and code files.
    support: full
  idempotent:
    description: When run twice in a row, the second run changes nothing.
    support: full
options:
  path:
    description: Where the ZIP is to be. A manifest of its inputs is kept beside it, with C(.manifest.json) appended.
    type: path
    required: true
  handler_dir:
    description:
      - Folder of the handler, C(files/handler) of this collection. It holds the package C(hyperframes_lambda), the lock
        files C(requirements.txt), C(programs.txt) and C(compilers.txt), C(sources.json) with the pins of npm packages,
        and C(native) with a file of C.
    type: path
    required: true
  cache_dir:
    description: Folder for fetched packages and repacked programs. About 1 GB. It may be deleted at any time.
    type: path
    required: true
  toolchain_dir:
    description:
      - A folder to hold the ZIP's content without its Python code, for rendering on this machine
        (E(HYPERFRAMES_TOOLCHAIN_DIR)). Its former content is replaced.
    type: path
  python_runtime:
    description: Lambda runtime that the ZIP is for. It must be the function's.
    type: str
    choices: [python3.13, python3.12]
    default: python3.13
  chromium_source:
    description:
      - V(npm) for the Lambda build of Chromium on npm.
      - Or the path of a headless shell for Linux on x86-64 of your own, as a folder, as an archive (C(.zip),
        C(.tar.gz), C(.tar.xz)) or as the program alone. Full Chrome does not answer the capture protocol.
    type: str
    default: npm
  compression_level:
    description:
      - zstd level of the repacked programs, V(1) to V(22). From V(16) on it takes minutes and makes the ZIP up to a
        tenth smaller.
    type: int
    default: 12
requirements:
  - node with npm on the host that the module runs on
  - pip for the Python that the module runs with
  - zstandard
seealso:
  - module: hyperframes.aws.function
"""

EXAMPLES = r"""
- name: The handler's ZIP is built
  hyperframes.aws.handler_zip:
    path: build/handler.zip
    handler_dir: files/handler
    cache_dir: .cache/handler
    toolchain_dir: .cache/toolchain

- name: A ZIP with a Chromium of one's own
  hyperframes.aws.handler_zip:
    path: build/handler.zip
    handler_dir: files/handler
    cache_dir: .cache/handler
    chromium_source: /opt/chromium/headless_shell.tar.xz
"""

RETURN = r"""
path:
  description: The ZIP.
  type: str
  returned: always
  sample: /home/me/hyperframes.aws/build/handler.zip
sha256:
  description: Its digest. Absent in check mode when a build is needed, because only a build can tell.
  type: str
  returned: when known
  sample: 65d08d2158041f74a9301bc37b86ecb73af0102f9ca94cde3286dab626634c51
size:
  description: Bytes of the ZIP.
  type: int
  returned: when known
  sample: 196608000
sizes:
  description: Bytes that the parts of the ZIP take unzipped, largest first, and their total.
  type: dict
  returned: when known
  sample: {"chromium": 74000000, "ffmpeg": 56000000, "total": 190000000}
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._handler_zip.builder import Request, build
from ..module_utils._handler_zip.errors import BuildError


def argument_spec() -> dict:
    """Options of the module."""
    return {
        "path": {"type": "path", "required": True},
        "handler_dir": {"type": "path", "required": True},
        "cache_dir": {"type": "path", "required": True},
        "toolchain_dir": {"type": "path"},
        "python_runtime": {"choices": ["python3.13", "python3.12"], "default": "python3.13"},
        "chromium_source": {"default": "npm"},
        "compression_level": {"type": "int", "default": 12},
    }


def request_of(params: dict) -> Request:
    """What the options ask for."""
    return Request(
        handler_dir=Path(params["handler_dir"]).absolute(),
        zip_path=Path(params["path"]).absolute(),
        cache_dir=Path(params["cache_dir"]).absolute(),
        toolchain_dir=Path(params["toolchain_dir"]).absolute() if params["toolchain_dir"] else None,
        python_runtime=params["python_runtime"],
        chromium_source=params["chromium_source"],
        level=params["compression_level"],
    )


def main() -> None:
    """Entry point of the module."""
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    request = request_of(module.params)

    def run(command: list[str]) -> tuple[int, str, str]:
        # pip asks rustc for its version, and rustup's stand-in for it would write into the home folder.
        kept = str(request.cache_dir / "rustup")
        return module.run_command(command, environ_update={"PIP_REQUIRE_VIRTUALENV": "false", "RUSTUP_HOME": kept})

    try:
        result = build(request, run, check=module.check_mode)
    except BuildError as error:
        module.fail_json(msg=f"cannot build the handler's ZIP: {error}")
    for warning in result.warnings:
        module.warn(warning)
    known = {"sha256": result.sha256, "size": result.size, "sizes": result.sizes} if result.sha256 else {}
    module.exit_json(changed=result.changed, path=str(request.zip_path), diff=result.diff, **known)


if __name__ == "__main__":
    main()
