#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Look at the built collection with the eyes of Ansible Galaxy's importer; any warning is a failure. Its own run of
# ansible-lint is left out: that is a check of its own.
#
#   tests/run_importer.sh build/hyperframes-aws-0.1.0.tar.gz
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=$(realpath -s "${VENV:-.venv/ansible}/bin")
artifact=$(realpath "$1")
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hyperframes-importer.XXXXXX")
trap 'rm -rf "${scratch}"' EXIT
printf '[galaxy-importer]\nRUN_ANSIBLE_LINT = False\nRUN_ANSIBLE_TEST = False\n' >"${scratch}/importer.cfg"

# It leaves its findings where it is started.
cd "${scratch}"
export PATH="${bin}:${PATH}" HOME="${scratch}" GALAXY_IMPORTER_CONFIG="${scratch}/importer.cfg"
unset ANSIBLE_CONFIG ANSIBLE_HOME
"${bin}/python" -m galaxy_importer.main "${artifact}" 2>&1 | tee "${scratch}/log"
if grep -qE '^(WARNING|ERROR)' "${scratch}/log"; then exit 1; fi
grep -q 'Importer processing completed successfully' "${scratch}/log"
