#!/usr/bin/env bash
# Can this machine test the kernels of a CPU that it is not? Prints nothing when it can, else the packages to install.
# usage: tools/check_emulator.sh neon
set -uo pipefail
packages=()

need() {
  local package=$1 program
  shift
  for program; do command -v "$program" >/dev/null && return; done
  packages+=("$package")
}

case ${1:-} in
  neon)
    need g++-aarch64-linux-gnu aarch64-linux-gnu-g++
    need qemu-user qemu-aarch64 qemu-aarch64-static
    ;;
  *)
    echo "usage: $0 neon" >&2
    exit 2
    ;;
esac
[ ${#packages[@]} -eq 0 ] && exit
echo "recfast: make $1 needs: apt install ${packages[*]}" >&2
exit 1
