#!/usr/bin/env bash
# Puts V8's static library where the build script of the `v8` crate looks for it, so that plain
# `cargo` works afterwards. In order: (a) it is there already, (b) a copy from the folder
# BURDOCK_V8_ARCHIVE_DIR, (c) the download from the crate's release page, (d) a build from source.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/v8/archive.sh"

# True when the environment tells the crate's build script to take V8 from somewhere else.
is_set_elsewhere() {
  case ${V8_FROM_SOURCE:-} in
    true | 1 | yes)
      say "V8: V8_FROM_SOURCE is set, so the v8 crate builds it"
      return 0
      ;;
  esac
  case ${RUSTY_V8_MIRROR:-http:} in
    http:* | https:*) ;;
    *)
      say "V8: RUSTY_V8_MIRROR names the folder $RUSTY_V8_MIRROR, which the v8 crate copies from"
      return 0
      ;;
  esac
  [[ -n ${RUSTY_V8_ARCHIVE:-} ]] || return 1
  case $RUSTY_V8_ARCHIVE in
    http:* | https:*) ;;
    *) [[ -r $RUSTY_V8_ARCHIVE ]] ||
      die "RUSTY_V8_ARCHIVE names '$RUSTY_V8_ARCHIVE', which cannot be read: correct or unset it." ;;
  esac
  say "V8: RUSTY_V8_ARCHIVE names $RUSTY_V8_ARCHIVE"
}

is_cached() {
  [[ -e $cached ]] || return 1
  if is_archive "$cached"; then
    say "V8 $v8_version: cached at $cached"
    return 0
  fi
  say "V8 $v8_version: $cached is damaged and will be replaced"
  return 1
}

copy_from_folder() {
  local folder=${BURDOCK_V8_ARCHIVE_DIR:-}
  [[ -n $folder ]] || return 1
  local file=$folder/$archive_name
  if [[ ! -f $file ]]; then
    say "V8 $v8_version: BURDOCK_V8_ARCHIVE_DIR has no $file"
    return 1
  fi
  if ! is_archive "$file"; then
    say "V8 $v8_version: $file is damaged and is not used"
    return 1
  fi
  store_archive cp "$file" || return 1
  say "V8 $v8_version: copied from $file to $cached"
}

download() {
  has curl || {
    say "V8 $v8_version: there is no curl to download it with"
    return 1
  }
  say "V8 $v8_version: downloading $archive_url"
  store_archive fetch_url "$archive_url" || {
    say "V8 $v8_version: the download failed"
    return 1
  }
  say "V8 $v8_version: downloaded to $cached"
}

# fetch_url URL FILE
fetch_url() {
  local progress=--no-progress-meter
  [[ -t 2 ]] && progress=--progress-bar
  curl --fail --location "$progress" --connect-timeout 20 --retry 2 --output "$2" "$1"
}

build() {
  is_debian_like ||
    die "V8 $v8_version can neither be downloaded from $archive_url nor built here, which needs Debian's packages: put $archive_name into a folder, name it by BURDOCK_V8_ARCHIVE_DIR and run this again."
  say "V8 $v8_version: going on to build it from source, which takes about an hour on 2 processors"
  "$(dirname "$0")/build-v8.sh"
}

is_set_elsewhere && exit 0
name_archive
is_cached || copy_from_folder || download || build
