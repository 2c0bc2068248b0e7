#!/usr/bin/env bash
# Installs the Debian 12 packages that memprop needs and that are not there yet.
#
#   scripts/install-deps.sh [SET ...]     sets: build data test; without an argument all of them
#
# Runs apt-get as root, or through sudo as a normal user. Needs neither if nothing is missing.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

fail() {
  printf 'install-deps: %s\n' "$*" >&2
  exit 1
}

case "${1:-}" in
  -h | --help)
    sed -n '2,/^set -e/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac

sets=("$@")
if ((${#sets[@]} == 0)); then
  sets=(build data test)
fi

wanted=()
for set in "${sets[@]}"; do
  list="$here/packages-$set.txt"
  [[ -f $list ]] || fail "no package set '$set' (known: build, data, test)"
  while read -r package _; do
    case "$package" in
      '' | '#'*) ;;
      *) wanted+=("$package") ;;
    esac
  done <"$list"
done

command -v dpkg-query >/dev/null ||
  fail "this is not a Debian system; install by hand what corresponds to: ${wanted[*]}"

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status} ' "$package" 2>/dev/null || true)
  [[ " $status" == *' installed '* ]] || missing+=("$package")
done

if ((${#missing[@]} == 0)); then
  echo "install-deps: all ${#wanted[@]} packages are installed"
  exit 0
fi
echo "install-deps: missing: ${missing[*]}"

by_hand="run as root: apt-get update && apt-get install ${missing[*]}"
command -v apt-get >/dev/null || fail "apt-get is not available; $by_hand"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || fail "not root and sudo is not available; $by_hand"
  # Without a terminal a password prompt would hang or fail with a message about terminals.
  if [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; then
    fail "sudo asks for a password and there is no terminal; $by_hand"
  fi
  as_root=(sudo)
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}
apt update || fail "apt-get update failed (see above); $by_hand"
apt install --no-install-recommends "${missing[@]}" ||
  fail "apt-get install failed (see above); $by_hand"
echo "install-deps: installed ${#missing[@]} packages"
