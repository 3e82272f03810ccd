#!/usr/bin/env bash
# Can this machine run `make neon`? Prints nothing when it can, else the packages to install.
set -uo pipefail
packages=()

need() {
  local package=$1 program
  shift
  for program; do command -v "$program" >/dev/null && return; done
  packages+=("$package")
}

need g++-aarch64-linux-gnu aarch64-linux-gnu-g++
need qemu-user qemu-aarch64 qemu-aarch64-static
[ ${#packages[@]} -eq 0 ] && exit
echo "recfast: make neon needs: apt install ${packages[*]}" >&2
exit 1
