#!/usr/bin/env bash
# Builds the wheel for each Python from 3.10 on that this machine has, installs it into a fresh environment beside
# numpy and the test tools, and runs the tests that need no more than that (`pytest --runtime`, see tests/conftest.py).
# usage: tools/test_interpreters.sh [--one]      --one: only one of them, by the day of the year
set -euo pipefail
cd "$(dirname "$0")/.."
versions=(3.10 3.11 3.12 3.13 3.13t 3.14 3.14t)  # t: free-threaded

find_python() {  # prints the path of a Python $1 that runs, or nothing
  local candidate
  local is_it="import sys, sysconfig, venv, ensurepip
name = '%d.%d' % sys.version_info[:2] + 't' * bool(sysconfig.get_config_var('Py_GIL_DISABLED'))
raise SystemExit(name != '$1')"
  for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/${1%t}".*/bin/"python$1"; do
    if "$candidate" -c "$is_it" >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
}

test_one() {  # $1: version, $2: its interpreter
  local work=build/interpreters/$1
  rm -rf "$work"
  "$2" -m venv "$work/venv"
  local pip=("$work/venv/bin/python" -m pip --disable-pip-version-check --quiet)
  "${pip[@]}" wheel --no-deps --wheel-dir "$work/dist" .
  # Older releases where only they have a wheel for this Python: nothing but recfast is compiled here.
  "${pip[@]}" install --only-binary :all: "$work"/dist/recfast-*.whl numpy pytest hypothesis xxhash
  # tests/cuda compiles C++ and asks nothing of Python.
  "$work/venv/bin/python" -m pytest --runtime --ignore tests/cuda -q -m "not slow and not gpu" -p no:cacheprovider
}

declare -A found
for version in "${versions[@]}"; do
  found[$version]=$(find_python "$version")
  [ -n "${found[$version]}" ] || echo "Python $version: skipped, no such interpreter with venv on this machine"
done
if [ "${1:-}" = --one ]; then
  present=()
  for version in "${versions[@]}"; do [ -z "${found[$version]}" ] || present+=("$version"); done
  [ ${#present[@]} -gt 0 ] || exit 0
  day=$(date +%j)
  versions=("${present[$((10#$day % ${#present[@]}))]}")
fi
for version in "${versions[@]}"; do
  [ -n "${found[$version]}" ] || continue
  echo "Python $version: ${found[$version]}"
  test_one "$version" "${found[$version]}"
done
