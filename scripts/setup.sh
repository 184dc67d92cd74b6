#!/usr/bin/env bash
# Makes .venv with the locked, hashed requirements. Running it again when nothing has changed takes a moment.
#
#   scripts/setup.sh          what `make run` needs
#   scripts/setup.sh --dev    also what tests and checks need
#
# PYTHON=/path/to/python3.11   which Python to use
# TORCH_WHEEL=/path/to/wheel   the CPU wheel of torch, when no index at hand has it
# pip's own variables (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS, ...) are respected.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=.venv
stamps=$venv/.installed
attempts=3

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

find_python() {
    local candidate
    # torch is locked for 3.11 only, so that version comes first.
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python3.12 python3.13; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
        if [ -n "${PYTHON:-}" ]; then
            fail "PYTHON=$PYTHON is not a Python of version 3.11 or newer"
        fi
    done
    fail "Python 3.11 or newer is needed and was not found." \
        "On Debian or Ubuntu: apt-get install python3.11 python3.11-venv; elsewhere set PYTHON=/path/to/python3.11"
}

make_venv() {
    local python
    if [ -x $venv/bin/python ] && $venv/bin/python -c 'import pip' 2>/dev/null; then
        return
    fi
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        fail "$python can't make virtual environments (its venv or ensurepip module is missing)." \
            "On Debian or Ubuntu: apt-get install python3-venv (or python3.11-venv for that version)"
    fi
    say "making $venv with $("$python" --version)"
    "$python" -m venv --clear $venv || fail "could not make $PWD/$venv: is the folder writable, the disk full?"
}

explain_torch() {
    cat >&2 <<'EOF'
setup: the CPU build of torch that requirements/nodeps.txt pins was not offered by the package index at hand.
setup: (The default index carries the CUDA build, which is gigabytes larger and has another hash.) Two ways out:
setup:   - name PyTorch's own CPU index besides yours, in PIP_EXTRA_INDEX_URL; pytorch.org shows its address under
setup:     "Get Started": Stable, Linux, Pip, Python, CPU
setup:   - download the wheel torch-2.13.0+cpu for your Python and machine there and set TORCH_WHEEL=/path/to/it
setup: Its hash is checked in both cases. It is locked for Python 3.11 on x86-64; on another machine replace the hash.
EOF
    exit 1
}

# install NAME: one requirements file, all or nothing, verified by hash. The locks are complete, so nothing is resolved:
# --no-deps is what keeps torch's own requirements (CUDA) out.
install() {
    local name=$1 attempt log=$venv/setup-$1.log
    local -a options=(--no-deps --require-hashes --no-input --disable-pip-version-check -qq)
    if [ "$name" = nodeps ] && [ -n "${TORCH_WHEEL:-}" ]; then
        [ -f "$TORCH_WHEEL" ] || fail "TORCH_WHEEL=$TORCH_WHEEL is not a file"
        options+=(--find-links "$(dirname "$TORCH_WHEEL")")
    fi
    say "installing requirements/$name.txt"
    for ((attempt = 1; attempt <= attempts; attempt++)); do
        if $venv/bin/python -m pip install "${options[@]}" -r "requirements/$name.txt" 2>&1 | tee "$log" >&2; then
            return
        fi
        if grep -qE 'No matching distribution|DO NOT MATCH THE HASHES|Could not find a version' "$log"; then
            if grep -q 'torch' "$log"; then explain_torch; fi
            break # the same answer would come again
        fi
        if ((attempt < attempts)); then
            say "that failed; trying again in $((attempt * 5)) s ($attempt of $attempts)"
            sleep $((attempt * 5))
        fi
    done
    fail "requirements/$name.txt could not be installed: see above, and $PWD/$log"
}

digest() {
    # The Python that the packages were built for is part of what is installed.
    { cat "$1" && readlink -f $venv/bin/python && cat $venv/pyvenv.cfg; } | sha256sum | cut -d' ' -f1
}

main() {
    local name
    local -a names=(base nodeps ml)
    case "${1:-}" in
        '') ;;
        --dev) names+=(dev) ;;
        *) fail "usage: scripts/setup.sh [--dev]" ;;
    esac
    make_venv
    [ -w $venv ] || fail "$PWD/$venv belongs to another user: remove it, or run as that user"
    if command -v flock >/dev/null; then
        # Two `make` at once must not install over each other.
        exec 9>$venv/.setup.lock
        flock 9
    fi
    mkdir -p $stamps
    for name in "${names[@]}"; do
        if [ "$(cat "$stamps/$name" 2>/dev/null)" != "$(digest "requirements/$name.txt")" ]; then
            rm -f "$stamps/$name"
            install "$name"
            digest "requirements/$name.txt" >"$stamps/$name"
        fi
    done
}

main "$@"
