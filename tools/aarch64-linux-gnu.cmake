# Toolchain of the preset neon: Debian's cross compiler, and QEMU's user mode to run what it makes.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CXX_FLAGS_INIT -Wno-psabi)  # a note about GCC 10's ABI
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
find_program(RECFAST_QEMU NAMES qemu-aarch64 qemu-aarch64-static REQUIRED NO_CMAKE_FIND_ROOT_PATH)
set(CMAKE_CROSSCOMPILING_EMULATOR ${RECFAST_QEMU} -L /usr/aarch64-linux-gnu)
