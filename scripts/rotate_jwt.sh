#!/usr/bin/env bash
# Rotates the key that signs tokens: manage.py rotate_jwt under the name that the runbooks use.
#
#   scripts/rotate_jwt.sh [--grace 24h] [--reason "..."]
#   scripts/rotate_jwt.sh --emergency --reason "..."
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=.venv/bin/python
[ -x $python ] || python=python3 # in the container image
exec "$python" manage.py rotate_jwt "$@"
