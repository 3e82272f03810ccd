#!/usr/bin/env bash
# Is there what a build needs: a C++20 compiler and Python >= 3.10 with venv and headers?
# Prints nothing when there is, else one line per missing thing that names the package to install.
# usage: tools/check_toolchain.sh PYTHON
set -uo pipefail
python=${1:-python3}
missing=0

lack() {
  echo "recfast: $1" >&2
  missing=1
}

compiles() {
  printf '%s\n' '#include <concepts>' '#include <span>' '#if __cplusplus < 202002L' '#error' '#endif' \
    '#if defined(__clang__) ? __clang_major__ < 14 : __GNUC__ < 11' '#error' '#endif' 'int main() { return 0; }' |
    $1 -std=c++20 -fsyntax-only -x c++ - 2>/dev/null
}

found=""
for compiler in "${CXX:-}" c++ g++ clang++; do
  [ -n "$compiler" ] && compiles "$compiler" && found=$compiler && break
  [ -n "$compiler" ] && [ "$compiler" = "${CXX:-}" ] && break
done
if [ -z "$found" ] && [ -n "${CXX:-}" ]; then
  lack "CXX=$CXX is no C++20 compiler (g++ >= 11 or clang++ >= 14); unset CXX, or: apt install g++"
elif [ -z "$found" ]; then
  lack "no C++20 compiler found (g++ >= 11 or clang++ >= 14); apt install g++, or set CXX to one"
fi

if ! "$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 10))' 2>/dev/null; then
  lack "'$python' is no Python >= 3.10; apt install python3 python3-venv, or: make PYTHON=/path/to/python3.11 ..."
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  lack "'$python' cannot make virtual environments; apt install python3-venv"
elif ! "$python" -c 'import os, sysconfig
raise SystemExit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' 2>/dev/null; then
  lack "'$python' has no C headers (Python.h); apt install python3-dev"
fi
exit $missing
