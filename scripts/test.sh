#!/usr/bin/env bash
# Installs what is missing, builds everything and runs the tests.
#
#   scripts/test.sh [--slow] [OPTION of ctest ...]     e.g. scripts/test.sh -R include_direction
#
# Leaves out the tests labelled "slow"; --slow runs only those.
# MEMPROP_DATA_DIR names a folder with further data sets (mnist/, kmnist/).
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

which_tests=(-LE '^slow$')
ctest_options=()
for argument in "$@"; do
  case "$argument" in
    --slow) which_tests=(-L '^slow$') ;;
    *) ctest_options+=("$argument") ;;
  esac
done

SECONDS=0
report_time() {
  printf 'test.sh: exit code %d after %d min %02d s\n' "$1" $((SECONDS / 60)) $((SECONDS % 60))
}
trap 'report_time $?' EXIT

scripts/install-deps.sh

# The folder is kept by CMake between runs, so it is named anew each time it is given.
configure=(cmake --preset test)
if [[ -n ${MEMPROP_DATA_DIR:-} ]]; then
  configure+=("-DMEMPROP_DATA_DIR=$MEMPROP_DATA_DIR")
fi
"${configure[@]}"
cmake --build --preset test --parallel "$(nproc)"
ctest --preset test --parallel "$(nproc)" "${which_tests[@]}" "${ctest_options[@]}"
