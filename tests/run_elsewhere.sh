#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run a command as on a machine that is set up otherwise: the result has to be the same, and its home folder as before.
#
#   tests/run_elsewhere.sh decoys make test    programs of the same names come first on PATH, all of which fail, and the
#                                              home folder and the environment are full of settings for other work
#   tests/run_elsewhere.sh bare make test      nothing but what README names is on PATH; the home folder is empty
set -euo pipefail

kind=$1
shift
elsewhere=$(mktemp -d "${TMPDIR:-/tmp}/hyperframes-elsewhere.XXXXXX")
trap 'rm -rf "${elsewhere}"' EXIT
mkdir -p "${elsewhere}/bin" "${elsewhere}/home"
given=${PATH}

case ${kind} in
decoys)
    for name in ffmpeg ffprobe chromium google-chrome aws ansible ansible-playbook ansible-galaxy molecule pytest python3.13; do
        printf '#!/bin/sh\necho "%s: a decoy" >&2\nexit 1\n' "${name}" >"${elsewhere}/bin/${name}"
        chmod +x "${elsewhere}/bin/${name}"
    done
    path="${elsewhere}/bin:${given}"
    mkdir -p "${elsewhere}/home/.aws" "${elsewhere}/home/.config/pip" "${elsewhere}/home/.config/fontconfig"
    printf '[default]\nregion = xx-nowhere-1\nendpoint_url = http://127.0.0.1:9\noutput = text\n' >"${elsewhere}/home/.aws/config"
    printf '[default]\naws_access_key_id = other\naws_secret_access_key = other\n' >"${elsewhere}/home/.aws/credentials"
    printf '[defaults]\nstdout_callback = nothing.there\nroles_path = /nowhere\n' >"${elsewhere}/home/.ansible.cfg"
    printf '[global]\nuser = true\nrequire-virtualenv = true\n' >"${elsewhere}/home/.config/pip/pip.conf"
    printf 'dry-run=true\nignore-scripts=true\nprefix=/nowhere\n' >"${elsewhere}/home/.npmrc"
    printf '<fontconfig><dir>/nowhere</dir></fontconfig>\n' >"${elsewhere}/home/.config/fontconfig/fonts.conf"
    more=(AWS_PROFILE=work AWS_REGION=xx-nowhere-1 ANSIBLE_STDOUT_CALLBACK=nothing.there ANSIBLE_NOCOWS=0
        PYTHONPATH=/nowhere PYTHONDONTWRITEBYTECODE=1 PIP_USER=1 FONTCONFIG_FILE=/nowhere PYTEST_ADDOPTS=--nothing)
    ;;
bare)
    # The programs of the base system and of the prerequisites, by name; where they lie stays out of PATH.
    for name in git make node npm npx uv; do
        found=$(PATH=${given} command -v "${name}" || true)
        if [ -n "${found}" ]; then ln -s "$(realpath "${found}")" "${elsewhere}/bin/${name}"; fi
    done
    path="${elsewhere}/bin:/usr/bin:/bin"
    more=()
    ;;
*)
    echo "tests/run_elsewhere.sh: unknown kind ${kind}; known: decoys, bare" >&2
    exit 2
    ;;
esac

before=$(cd "${elsewhere}/home" && find . | sort)
pyenv=${PYENV_ROOT:-${HOME}/.pyenv}
code=0
env -u AWS_ENDPOINT_URL HOME="${elsewhere}/home" PYENV_ROOT="${pyenv}" PATH="${path}" "${more[@]}" "$@" || code=$?
after=$(cd "${elsewhere}/home" && find . | sort)
if [ "${before}" != "${after}" ]; then
    echo "the home folder has what it did not have before:" >&2
    diff <(echo "${before}") <(echo "${after}") >&2 || true
    code=$((code ? code : 1))
fi
exit "${code}"
