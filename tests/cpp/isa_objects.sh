#!/bin/sh
# isa_objects.sh NM OBJDUMP OBJECT...: the isa_*.o among the objects must define nothing weak. A weak function that was
# compiled for a wide ISA could be the copy that the linker gives to everybody. (DW.ref.* is a pointer, not code.)
# And each must use the registers of its ISA and no wider ones. Objects for another architecture are empty.
nm=$1
objdump=$2
shift 2
found=0

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

for object; do
  case $object in
    *isa_*.o*) ;;
    *) continue ;;
  esac
  found=$((found + 1))
  symbols=$("$nm" -C --defined-only "$object")
  weak=$(printf '%s' "$symbols" | grep -E ' [WVu] ' | grep -v ' DW\.ref\.')
  [ -z "$weak" ] || fail "$object defines weak symbols:
$weak"
  case $symbols in *recfast::*::kTable*) ;; *) continue ;; esac
  registers=$("$objdump" -d "$object" | grep -oE '%([xyz]mm(1[6-9]|2[0-9]|3[01])|[yz]mm)' | sort -u)
  wide=$(printf '%s' "$registers" | grep -v '^%ymm$')
  case $object in
    *isa_avx512*) printf '%s' "$wide" | grep -q '%zmm' || fail "$object uses no register of 512 bits" ;;
    *isa_avx2*)
      [ -n "$registers" ] || fail "$object uses no register of 256 bits"
      [ -z "$wide" ] || fail "$object uses registers of AVX-512:" $wide
      ;;
    *) [ -z "$registers" ] || fail "$object uses registers of a wider ISA:" $registers ;;
  esac
done
[ "$found" -ge 2 ] || fail "expected at least two isa_*.o, found $found"
