# shellcheck shell=bash disable=SC2016 # the stand-ins expand their own variables
# Tests of setup-v8.sh: the order of sources, and that only a whole archive reaches the cache.

host=$(rustc -vV | sed -n 's/^host: //p')
archive_name=librusty_v8_simdutf_release_$host.a.gz
# The name that the build script of the v8 crate gives the file: the address of the download with
# each character that is neither letter nor digit replaced.
cache_name=https___github_com_denoland_rusty_v8_releases_download_v9_9_9_$(tr -c 'a-zA-Z0-9\n' _ <<<"$archive_name")

# make_archive FILE CONTENT
make_archive() {
  mkdir -p "$(dirname "$1")"
  printf '!<arch>\n%s' "$2" | gzip >"$1"
}

# No network and no compiler: the download fails, a build only says that it ran.
v8_project() {
  cached=$CARGO_HOME/.rusty_v8/$cache_name
  mkdir archives
  stand_in curl <<<'echo "curl: no network" >&2; exit 6'
  stand_in apt-get <<<'exit 100'
  stand_in rustc <<<"echo 'host: $host'"
  printf '#!/usr/bin/env bash\necho "the build ran"\n' >scripts/build-v8.sh
}

# A curl that "downloads" the file named by SERVED and notes the address.
serve() {
  export SERVED=$1
  stand_in curl <<<'echo "${@: -1}" >asked; while [[ $1 != --output ]]; do shift; done; cp "$SERVED" "$2"'
}

expect_only_cached_file() {
  expect_equal "$(ls -A "$CARGO_HOME/.rusty_v8")" "$cache_name"
}

test_v8_in_the_cache_is_kept() {
  v8_project
  make_archive "$cached" old
  make_archive "archives/$archive_name" new
  BURDOCK_V8_ARCHIVE_DIR=archives run scripts/setup-v8.sh
  expect_status 0
  expect_output "V8 9.9.9: cached at $cached"
  expect_equal "$(zcat "$cached" | tail -n 1)" old
}

test_v8_is_copied_from_the_named_folder() {
  v8_project
  make_archive "archives/$archive_name" new
  BURDOCK_V8_ARCHIVE_DIR=archives run scripts/setup-v8.sh
  expect_status 0
  expect_output "copied from archives/$archive_name to $cached"
  expect_same_files "archives/$archive_name" "$cached"
  expect_only_cached_file
}

test_v8_damaged_in_the_cache_is_named_and_replaced() {
  v8_project
  make_archive "archives/$archive_name" new
  mkdir -p "${cached%/*}"
  head -c 20 "archives/$archive_name" >"$cached"
  BURDOCK_V8_ARCHIVE_DIR=archives run scripts/setup-v8.sh
  expect_status 0
  expect_output "$cached is damaged and will be replaced"
  expect_same_files "archives/$archive_name" "$cached"
  expect_only_cached_file
}

test_v8_is_downloaded_when_the_folder_lacks_it() {
  v8_project
  make_archive served.gz new
  serve "$PWD/served.gz"
  BURDOCK_V8_ARCHIVE_DIR=archives run scripts/setup-v8.sh
  expect_status 0
  expect_output "BURDOCK_V8_ARCHIVE_DIR has no archives/$archive_name"
  expect_output "downloaded to $cached"
  expect_equal "$(cat asked)" \
    "https://github.com/denoland/rusty_v8/releases/download/v9.9.9/$archive_name"
  expect_same_files served.gz "$cached"
  expect_only_cached_file
}

test_v8_damaged_in_the_folder_is_passed_over() {
  v8_project
  echo 'no archive' >"archives/$archive_name"
  make_archive served.gz new
  serve "$PWD/served.gz"
  BURDOCK_V8_ARCHIVE_DIR=archives run scripts/setup-v8.sh
  expect_status 0
  expect_output "archives/$archive_name is damaged and is not used"
  expect_same_files served.gz "$cached"
}

test_v8_download_that_is_no_archive_is_not_kept() {
  v8_project
  gzip -c <<<'<html>not found</html>' >served.gz
  serve "$PWD/served.gz"
  run scripts/setup-v8.sh
  expect_status 0
  expect_output 'is no V8 archive'
  expect_output 'the build ran'
  expect_equal "$(ls -A "$CARGO_HOME/.rusty_v8")" ''
}

test_v8_is_built_on_debian_when_the_download_fails() {
  v8_project
  run scripts/setup-v8.sh
  expect_status 0
  expect_output 'the download failed'
  expect_output 'going on to build it from source, which takes about an hour'
  expect_output 'the build ran'
}

test_v8_set_up_fails_elsewhere_with_one_sentence() {
  v8_project
  printf 'ID=fedora\n' >os-release
  run scripts/setup-v8.sh
  expect_status 1
  expect_output 'set-up failed: V8 9.9.9 can neither be downloaded'
  expect_output "put $archive_name into a folder, name it by BURDOCK_V8_ARCHIVE_DIR"
  expect_no_output 'the build ran'
}

test_v8_mirror_changes_the_address_and_the_cache_name() {
  v8_project
  make_archive served.gz new
  serve "$PWD/served.gz"
  RUSTY_V8_MIRROR=http://127.0.0.1:1/v8 run scripts/setup-v8.sh
  expect_status 0
  expect_equal "$(cat asked)" "http://127.0.0.1:1/v8/v9.9.9/$archive_name"
  expect_same_files served.gz \
    "$CARGO_HOME/.rusty_v8/http___127_0_0_1_1_v8_v9_9_9_${archive_name//[-.]/_}"
}

test_v8_named_by_the_crates_own_variables_needs_nothing() {
  v8_project
  make_archive own.gz own
  RUSTY_V8_ARCHIVE=own.gz run scripts/setup-v8.sh
  expect_status 0
  expect_output 'RUSTY_V8_ARCHIVE names own.gz'
  V8_FROM_SOURCE=1 run scripts/setup-v8.sh
  expect_status 0
  expect_missing "$CARGO_HOME/.rusty_v8"
}

test_v8_named_by_a_variable_must_be_there() {
  v8_project
  RUSTY_V8_ARCHIVE=gone.gz run scripts/setup-v8.sh
  expect_status 1
  expect_output "RUSTY_V8_ARCHIVE names 'gone.gz', which cannot be read"
}
