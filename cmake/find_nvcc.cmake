# Which nvcc there is, and whether it can do its work. Nothing here stops a build.

# The nvcc that is named by CMAKE_CUDA_COMPILER or CUDACXX; on PATH; in /usr/local/cuda; or PyPI's, installed into the
# Python that builds. Empty where there is none.
function(recfast_find_nvcc nvcc)
  set(found "")
  find_program(on_path nvcc PATHS /usr/local/cuda/bin NO_CACHE)
  if(CMAKE_CUDA_COMPILER)
    set(found "${CMAKE_CUDA_COMPILER}")
  elseif(DEFINED ENV{CUDACXX})
    set(found "$ENV{CUDACXX}")
  elseif(on_path)
    set(found "${on_path}")
  else()
    find_package(Python COMPONENTS Interpreter QUIET)
    if(Python_Interpreter_FOUND)
      # Under build isolation sys.path lacks the packages of the environment that recfast is installed into.
      execute_process(COMMAND "${Python_EXECUTABLE}" -c [[
import pathlib, sys, sysconfig
for folder in dict.fromkeys([*filter(None, sys.path), sysconfig.get_path("purelib")]):
    for nvcc in sorted(pathlib.Path(folder).glob("nvidia/cu*/bin/nvcc"), reverse=True):
        print(nvcc, end="")
        raise SystemExit
]] OUTPUT_VARIABLE found ERROR_QUIET)
    endif()
  endif()
  set(${nvcc} "${found}" PARENT_SCOPE)
endfunction()

# PyPI's toolkit has lib, but nvcc and CMake look into lib64: the flag that it needs, empty for others.
function(recfast_toolkit_flags nvcc flags)
  cmake_path(GET nvcc PARENT_PATH bin)
  cmake_path(GET bin PARENT_PATH root)
  set(needed "")
  if(NOT EXISTS "${root}/lib64" AND EXISTS "${root}/lib/libcudart_static.a")
    set(needed "-L${root}/lib")
  endif()
  set(${flags} "${needed}" PARENT_SCOPE)
endfunction()

# flags: nvcc's for CMAKE_CUDA_ARCHITECTURES; names: as CUDA has them, sm_80 for code and compute_90 for PTX.
function(recfast_name_architectures flags names)
  foreach(architecture IN LISTS CMAKE_CUDA_ARCHITECTURES)
    string(REGEX REPLACE "-(real|virtual)$" "" number ${architecture})
    if(NOT number MATCHES "^[0-9]+[af]?$")  # native, all, all-major
      list(APPEND all_flags -arch=${architecture})
      list(APPEND all_names ${architecture})
      continue()
    endif()
    if(NOT architecture MATCHES "-virtual$")
      list(APPEND all_flags -gencode=arch=compute_${number},code=sm_${number})
      list(APPEND all_names sm_${number})
    endif()
    if(NOT architecture MATCHES "-real$")
      list(APPEND all_flags -gencode=arch=compute_${number},code=compute_${number})
      list(APPEND all_names compute_${number})
    endif()
  endforeach()
  set(${flags} "${all_flags}" PARENT_SCOPE)
  set(${names} "${all_names}" PARENT_SCOPE)
endfunction()

# problem: what nvcc says to a small program that is compiled and linked as the core will be; empty where it succeeds.
# enable_language() would stop the build: of a toolkit that is too old or lacks its headers, of a refused host compiler.
function(recfast_try_nvcc nvcc flags problem)
  set(folder "${CMAKE_BINARY_DIR}/nvcc_probe")
  file(WRITE "${folder}/probe.cu" [[
#include <concepts>
#include <cuda_fp16.h>
__global__ void kernel() {}
int main() {
  kernel<<<1, 1>>>();
  return cudaGetLastError();
}
]])
  execute_process(COMMAND "${nvcc}" -std=c++20 -ccbin "${CMAKE_CUDA_HOST_COMPILER}" ${flags} probe.cu -o probe
    WORKING_DIRECTORY "${folder}" RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(result EQUAL 0)
    set(said "")
  elseif(NOT said)
    set(said "${result}")
  endif()
  set(${problem} "${said}" PARENT_SCOPE)
endfunction()
