#!/bin/sh
# isa_objects.sh NM OBJECT...: the isa_*.o among the objects must define nothing weak. A weak function that was compiled
# for a wide ISA could be the copy that the linker gives to everybody. (DW.ref.* is a pointer, not code.)
nm=$1
shift
found=0
for object; do
  case $object in
    *isa_*.o*) ;;
    *) continue ;;
  esac
  found=$((found + 1))
  weak=$("$nm" -C --defined-only "$object" | grep -E ' [WVu] ' | grep -v ' DW\.ref\.')
  if [ -n "$weak" ]; then
    printf '%s defines weak symbols:\n%s\n' "$object" "$weak" >&2
    exit 1
  fi
done
[ "$found" -ge 2 ] || { echo "expected at least two isa_*.o, found $found" >&2; exit 1; }
