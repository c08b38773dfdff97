#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the scenarios of extensions/molecule, each a stack of its own, against an embedded AWS of their own, or the one that
# AWS_ENDPOINT_URL names (empty: AWS itself).
#
#   tests/run_molecule.sh            all scenarios
#   tests/run_molecule.sh -s drift   arguments of `molecule test`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ -z "${HYPERFRAMES_CLEAN_ENVIRONMENT:-}" ]; then
    exec "${VENV:-.venv/ansible}/bin/python" scripts/clean_environment.py tests/run_molecule.sh "$@"
fi

root=${PWD}
bin=$(realpath -s "${VENV:-.venv/ansible}/bin")
export PATH="${bin}:${PATH}" NO_COLOR=1
export HYPERFRAMES_HANDLER_ZIP=${HYPERFRAMES_HANDLER_ZIP:-${root}/build/handler.zip}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hyperframes-molecule.XXXXXX")
embedded() { PYTHONPATH=files/local_aws .venv/localstack/bin/python -m hyperframes_local_aws "$@" --folder "${scratch}/aws"; }
finish() {
    cd "${root}"
    if [ -f "${scratch}/aws/endpoint" ]; then embedded down >/dev/null; fi
    rm -rf "${scratch}"
}
trap finish EXIT

if [ -z "${AWS_ENDPOINT_URL+given}" ]; then
    embedded up --port 0 >"${scratch}/up.json"
    AWS_ENDPOINT_URL=$(cat "${scratch}/aws/endpoint")
    export AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID=hyperframes-local AWS_SECRET_ACCESS_KEY=hyperframes-local-secret
    export AWS_DEFAULT_REGION=us-east-1 AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
    unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_REGION
elif [ -z "${AWS_ENDPOINT_URL}" ]; then
    unset AWS_ENDPOINT_URL
fi

layout=$(tests/lay_out_collection.sh)
cd "${layout}"
# Molecule reads what scenarios have in common only here, and keeps its own files in the home folder.
export HOME="${scratch}/home" ANSIBLE_HOME="${scratch}/ansible" ANSIBLE_COLLECTIONS_PATH
ANSIBLE_COLLECTIONS_PATH=$(realpath ../../..)
export ANSIBLE_LOCALHOST_WARNING=False
unset ANSIBLE_CONFIG
mkdir -p "${HOME}"
if [ $# -eq 0 ]; then set -- --all; fi
molecule test --report --command-borders "$@" </dev/null
