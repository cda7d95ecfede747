# shellcheck shell=bash
# Shared by the set-up scripts: messages, versions, the platform. Sourced, never run.
#
# Messages go to stderr, so that a script's stdout can carry its result.

repo_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export repo_root

say() { printf 'set-up: %s\n' "$*" >&2; }

die() {
  printf 'set-up failed: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# version_at_least HAVE WANT: true when HAVE is WANT or newer.
version_at_least() {
  [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$2" ]]
}

# The folder cargo keeps its registry and caches in.
cargo_home() { printf '%s\n' "${CARGO_HOME:-$HOME/.cargo}"; }

# locked_version CRATE: the version that Cargo.lock pins.
locked_version() {
  local version
  version=$(awk -v want="name = \"$1\"" '
    $0 == want { getline; gsub(/version = |"/, ""); print; exit }' "$repo_root/Cargo.lock")
  [[ -n $version ]] ||
    die "Cargo.lock names no crate '$1': restore it with 'git checkout Cargo.lock'."
  printf '%s\n' "$version"
}

# os_release_value KEY: a value of os-release, empty when there is none.
os_release_value() {
  local file=${BURDOCK_OS_RELEASE:-/etc/os-release}
  [[ -r $file ]] || return 0
  sed -n "s/^$1=//p" "$file" | tr -d "\"'"
}

# True on Debian and what derives from it, where apt-get installs packages.
is_debian_like() {
  [[ " $(os_release_value ID) $(os_release_value ID_LIKE) " =~ \ (debian|ubuntu)\  ]] && has apt-get
}

# apt_install PACKAGE...: installs those of the packages that are missing.
apt_install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed' ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "installing the Debian packages ${missing[*]}"
  {
    run_as_root apt-get update -qq &&
      run_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >&2 ||
    die "apt-get could not install '${missing[*]}': install these packages by hand and run this again."
}

run_as_root() {
  if ((EUID == 0)); then
    "$@"
  elif has sudo; then
    sudo "$@"
  else
    say "neither root nor sudo: cannot run '$*'"
    return 1
  fi
}

# minutes_since START: whole minutes since a value of $SECONDS, at least 1.
minutes_since() { printf '%s\n' $(((SECONDS - $1 + 59) / 60)); }
