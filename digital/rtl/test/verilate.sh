#!/usr/bin/env bash
# Runs Verilator with --build in a scratch folder and moves what it made to FOLDER: its makefile
# refuses folders with spaces, and a project may lie in one.
#
#   verilate.sh FOLDER VERILATOR [OPTION ...]
set -euo pipefail

folder=$1
shift
scratch=$(mktemp -d -t memprop-verilate.XXXXXX)
trap 'rm -rf -- "$scratch"' EXIT
"$@" --Mdir "$scratch"
mkdir -p -- "$folder"
cp -- "$scratch"/*.h "$scratch"/*.a "$folder"
