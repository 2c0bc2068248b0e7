#!/usr/bin/env bash
# Installs what is missing, builds everything and runs the tests.
#
#   scripts/test.sh [OPTION of ctest ...]     e.g. scripts/test.sh -R include_direction
#   scripts/test.sh --slow [OPTION ...]       the slow suite instead: hours, in jobs that are kept
#
# Leaves out the tests labelled "slow". Options of the slow suite: --list, --only JOB ..., --again
# (testbenches/slow/README.md).
# MEMPROP_DATA_DIR names a folder with further data sets (mnist/, kmnist/).
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

if [[ ${1:-} == --slow ]]; then
  shift
  case " $* " in
    *" --list "* | *" --help "* | *" -h "*) ;;
    *) scripts/install-deps.sh ;;
  esac
  # The distribution's interpreter has h5py; another python3 earlier in PATH may not.
  python=/usr/bin/python3
  [[ -x $python ]] || python=python3
  exec "$python" -B testbenches/slow/slow_suite.py "$@"
fi

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
ctest --preset test --parallel "$(nproc)" -LE '^slow$' "$@"
