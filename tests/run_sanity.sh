#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run ansible-test on a copy of the checkout, with no ignore file: the sanity tests, or `units` for the plugins' tests.
#
#   tests/run_sanity.sh [sanity|units] [arguments of ansible-test]
#
# ansible-test keeps its virtual environments in HOME; here that is .cache/ansible-test, so that nothing outside the
# checkout changes and a second run takes seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command=${1:-sanity}
shift || true
bin=$(realpath -s "${VENV:-.venv/ansible}/bin")
export PATH="${bin}:${PATH}"
python_version=$("${bin}/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

home="${PWD}/.cache/ansible-test"
mkdir -p "${home}/.ansible/test/cache" "${home}/.config" "${home}/.pip"
printf '[global]\nquiet = 2\n' >"${home}/.pip/pip.conf"
if [ -d "${HOME}/.config/pip" ]; then cp -r "${HOME}/.config/pip" "${home}/.config/"; fi # the settings of a mirror

# ansible-test downloads a bootstrap for pip; the interpreter carries one.
pip_version=$("${bin}/python" -c 'from ansible_test._internal.python_requirements import get_venv_packages as packages
from types import SimpleNamespace as Python
print(packages(Python(version="'"${python_version}"'"))["pip"].replace(".", "_"))')
printf 'import ensurepip\n\nensurepip.bootstrap(upgrade=True)\n' >"${home}/.ansible/test/cache/get_pip_${pip_version}.py"

layout=${LAYOUT:-$(tests/lay_out_collection.sh)}
cd "${layout}"
HOME="${home}" "${bin}/ansible-test" "${command}" --local --python "${python_version}" --color no "$@"
