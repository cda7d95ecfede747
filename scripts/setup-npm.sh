#!/usr/bin/env bash
# Installs the TypeScript packages of workflows/ from its lock file, once per lock file.
set -euo pipefail
. "$(dirname "$0")/common.sh"

readonly package_dir=$repo_root/workflows
readonly lock=$package_dir/package-lock.json
# A copy of the lock file that was installed last: equal means nothing to do.
readonly installed=$package_dir/node_modules/.burdock-package-lock.json

check_node() {
  local wanted=20.3.0 found
  { has node && has npm; } ||
    die "node or npm is not on PATH: install Node.js $wanted or newer with npm and run this again."
  found=$(node --version)
  version_at_least "${found#v}" "$wanted" ||
    die "Node.js ${found#v} is too old: install $wanted or newer and run this again."
}

install_packages() {
  say "npm packages: installing what workflows/package-lock.json pins"
  rm -f "$installed"
  npm --prefix "$package_dir" ci --no-audit --no-fund --no-progress >&2 ||
    die "npm could not install workflows/package-lock.json (npm's message is above): check the registry that 'npm config get registry' names and run this again."
  cp "$lock" "$installed"
}

check_node
[[ -f $lock ]] ||
  die "workflows/package-lock.json is missing: restore it with 'git checkout workflows/package-lock.json'."
if cmp -s "$lock" "$installed"; then
  say "npm packages: workflows/node_modules matches its lock file"
else
  install_packages
fi
