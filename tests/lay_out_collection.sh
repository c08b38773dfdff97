#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Copy the checkout (what git tracks, and what it would) to build/layout/ansible_collections/hyperframes/aws, where
# ansible-test and ansible-galaxy want a collection to lie. A plain clone may lie anywhere. Prints the folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=build/layout/ansible_collections/hyperframes/aws
rm -rf "${target}"
mkdir -p "${target}"
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' path; do
    if [ -e "${path}" ]; then printf '%s\0' "${path}"; fi # deleted, but not yet in a commit
done | tar --create --null --files-from=- | tar --extract --directory "${target}"
git -C "${target}" init --quiet # else ansible-test asks the checkout's git, which ignores build/

# The collection that this one depends on comes with the Ansible package.
bundle=$("${VENV:-.venv/ansible}/bin/python" -c 'import ansible_collections.amazon as amazon; print(list(amazon.__path__)[0])')
ln -sfn "${bundle}" build/layout/ansible_collections/amazon

echo "${target}"
