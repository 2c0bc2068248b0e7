#!/usr/bin/env bash
# Runs clang-tidy (settings in .clang-tidy) on the compiled sources.
#
#   scripts/tidy.sh [-p BUILD_DIR] [PATH ...]   e.g. scripts/tidy.sh solvers analog/memristor
#
# BUILD_DIR (default build/debug, configured if absent) holds compile_commands.json. PATHs are
# regular expressions on the sources below the project; without one all sources are checked.
set -euo pipefail

project=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$project"
build=build/debug
if [[ ${1:-} == -p ]]; then
  build=${2:?"-p needs a build folder"}
  shift 2
fi
for tool in clang-tidy run-clang-tidy; do
  command -v "$tool" >/dev/null || {
    echo "tidy: $tool is not installed (Debian package clang-tidy)" >&2
    exit 1
  }
done
if [[ ! -f $build/compile_commands.json ]]; then
  cmake --preset debug -B "$build"
fi

# The sources are matched by absolute path; the project's own may hold characters special to
# regular expressions.
prefix=$(printf '%s' "$project" | sed 's/[][\.*^$+?(){}|]/\\&/g')
patterns=()
if (($# == 0)); then
  patterns=("^$prefix/(analog|cli|digital|hw_models|learning|solvers|testbenches|traces)/")
fi
for path in "$@"; do
  patterns+=("^$prefix/$path")
done
# GCC-only options of the build are unknown to clang.
run-clang-tidy -quiet -p "$build" -j "$(nproc)" \
  -extra-arg=-Wno-unknown-warning-option -extra-arg=-Wno-ignored-optimization-argument \
  "${patterns[@]}"
