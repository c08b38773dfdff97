#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The whole harness, as `make test` runs it: the static checks, then every test. Ends with a table and pytest's own
# closing line. What a check printed lies in build/test/CHECK.log and is shown here when it failed.
#
#   tests/run.sh            everything
#   tests/run.sh lint       the static checks alone
#   tests/run.sh fast       the static checks that take seconds, and the tests that need neither Chromium nor AWS
#   tests/run.sh pytest ... the tests alone, with arguments for pytest
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The same result on every machine, whatever its user has set up; see scripts/clean_environment.py.
if [ -z "${HYPERFRAMES_CLEAN_ENVIRONMENT:-}" ]; then
    exec "${VENV:-.venv/ansible}/bin/python" scripts/clean_environment.py tests/run.sh "$@"
fi

mode=${1:-all}
shift || true
export VENV=${VENV:-.venv/ansible}
bin=$(realpath -s "${VENV}/bin")
export PATH="${bin}:${PATH}" NO_COLOR=1 PY_COLORS=0
logs=build/test
mkdir -p build

# Two runs in one checkout would take each other's layout away.
exec 9>build/test.lock
flock --nonblock 9 || {
    echo "tests/run.sh: another run is going on in this checkout; waiting for it" >&2
    flock 9
}
rm -rf "${logs}"
mkdir -p "${logs}"
started=${SECONDS}

# One check: its output goes to a log, its verdict and seconds to the table.
check() {
    local name=$1 begin=${SECONDS} verdict=ok
    shift
    "$@" >"${logs}/${name}.log" 2>&1 </dev/null 9>&- || verdict=FAILED
    printf '%-6s %5d s  %s\n' "${verdict}" $((SECONDS - begin)) "${name}" | tee -a "${logs}/table"
    [ "${verdict}" = ok ] || sed 's/^/    /' "${logs}/${name}.log"
}

# Run something in the laid out copy, where git is not to find the checkout around it: to that, the copy is ignored.
in_layout() (
    export GIT_CEILING_DIRECTORIES=${PWD}
    cd "${LAYOUT}" || exit 1
    ANSIBLE_COLLECTIONS_PATH=$(realpath ../../..) "$@"
)

static_checks_in_seconds() {
    check ruff ruff check .
    check ruff-format ruff format --check --diff .
    check yamllint yamllint --strict .
    check antsibull-changelog antsibull-changelog lint
}

static_checks() {
    LAYOUT=$(tests/lay_out_collection.sh) || exit 1
    export LAYOUT
    check ansible-test-sanity tests/run_sanity.sh sanity &
    local sanity=$!
    static_checks_in_seconds
    check ansible-lint in_layout ansible-lint --profile production --offline --nocolor
    check antsibull-docs in_layout antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=self \
        --skip-rstcheck .
    check galaxy-build in_layout ansible-galaxy collection build --force --output-path "${PWD}/build"
    check galaxy-importer tests/run_importer.sh build/hyperframes-aws-*.tar.gz
    wait "${sanity}"
}

# Two workers, a file at a time: some files tell one story in the order of their tests. Each worker has an AWS of its own.
run_pytest() {
    "${bin}/python" -m pytest --numprocesses=2 --dist=loadfile --durations=8 "$@" 2>&1 </dev/null 9>&- |
        tee "${logs}/pytest.log"
    [ "${PIPESTATUS[0]}" -eq 0 ] || echo "FAILED          pytest" >>"${logs}/table"
}

: >"${logs}/table"
case ${mode} in
lint)
    static_checks
    # Not in `all`: pytest runs the same tests there.
    check ansible-test-units tests/run_sanity.sh units tests/unit/plugins/
    ;;
fast)
    static_checks_in_seconds
    run_pytest -m "not browser and not aws and not slow" "$@"
    ;;
pytest) run_pytest "$@" ;;
all)
    static_checks
    run_pytest "$@"
    ;;
*)
    echo "tests/run.sh: unknown mode ${mode}; known: all, lint, fast, pytest" >&2
    exit 2
    ;;
esac

echo
echo "Checks ($((SECONDS - started)) s in all)"
cat "${logs}/table"
if [ -f "${logs}/pytest.log" ]; then tail -n 1 "${logs}/pytest.log"; fi
! grep -q '^FAILED' "${logs}/table"
