#!/usr/bin/env bash
# Installs what the build needs, builds memprop for this machine and trains the example chip on
# Fashion-MNIST: trace in fashion_mnist.h5 in the folder of the project. Safe to run again.
#
#   scripts/demo.sh [OPTION of 'memprop run' ...]      e.g. scripts/demo.sh --seed 2
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
scripts/install-deps.sh build data

cmake --preset native
cmake --build --preset native --parallel "$(nproc)" --target memprop

memprop=build/native/cli/memprop
"$memprop" run examples/fashion_mnist.toml -o fashion_mnist.h5 "$@"
"$memprop" info fashion_mnist.h5
