# shellcheck shell=bash
# V8's archive: its names and how a file becomes the cached one. Sourced after common.sh.

# name_archive sets v8_version, archive_name (the upstream file name), archive_url and cached (the
# file that the build script of the v8 crate prefers to a download: see `static_lib_url` and
# `download_file` there). The feature `simdutf` is the one that deno_core switches on.
name_archive() {
  local host
  v8_version=$(locked_version v8)
  host=$(rustc -vV | sed -n 's/^host: //p')
  archive_name=librusty_v8_simdutf_release_$host.a.gz
  local base=${RUSTY_V8_MIRROR:-https://github.com/denoland/rusty_v8/releases/download}
  archive_url=$base/v$v8_version/$archive_name
  cached=$(cargo_home)/.rusty_v8/${archive_url//[^a-zA-Z0-9]/_}
}

# is_archive FILE: true when it is a whole gzip file around an `ar` archive.
is_archive() {
  local magic
  magic=$(gzip -dc -- "$1" 2>/dev/null | { head -c 7; cat >/dev/null; }) && [[ $magic == '!<arch>' ]]
}

# store_archive COMMAND... : runs COMMAND with a temporary file as its last argument and makes that
# file the cached one if it is an archive. The cache never holds a half-written file.
store_archive() {
  mkdir -p "${cached%/*}"
  partial=$(mktemp "${cached%/*}/partial.XXXXXX")
  trap 'rm -f "$partial"' EXIT
  "$@" "$partial" || return 1
  if ! is_archive "$partial"; then
    say "V8 $v8_version: what '$*' gave is no V8 archive"
    return 1
  fi
  chmod 644 "$partial"
  mv -f "$partial" "$cached"
}
