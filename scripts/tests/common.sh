# shellcheck shell=bash disable=SC2016 # the stand-ins expand their own variables
# Tests of common.sh.

in_common() {
  run bash -euo pipefail -c '. scripts/common.sh; "$@"' bash "$@"
}

test_versions_compare_by_number() {
  local pair
  for pair in '1.9.1 1.9.1' '1.10.0 1.9.1' '2.0 1.9.1' '1.95.0 1.95'; do
    read -r have want <<<"$pair"
    in_common version_at_least "$have" "$want"
    expect_status 0
  done
  for pair in '1.9.0 1.9.1' '1.8.12 1.9.1' '1.94.9 1.95'; do
    read -r have want <<<"$pair"
    in_common version_at_least "$have" "$want"
    expect_status 1
  done
}

test_a_crate_that_is_not_locked_is_named() {
  in_common locked_version nonesuch
  expect_status 1
  expect_output "Cargo.lock names no crate 'nonesuch'"
}

test_debian_and_what_derives_from_it_is_recognised() {
  stand_in apt-get <<<''
  printf 'ID=mint\nID_LIKE="ubuntu debian"\n' >os-release
  in_common is_debian_like
  expect_status 0
  printf 'ID=fedora\n' >os-release
  in_common is_debian_like
  expect_status 1
  rm os-release
  in_common is_debian_like
  expect_status 1
}

test_packages_that_apt_cannot_install_are_named() {
  stand_in dpkg-query <<<'[[ ${!#} == there ]] && echo "install ok installed"'
  stand_in apt-get <<<'exit 100'
  stand_in sudo <<<'"$@"'
  in_common apt_install there gone
  expect_status 1
  expect_output "apt-get could not install 'gone'"
}

test_packages_that_are_there_need_no_apt() {
  stand_in dpkg-query <<<'echo "install ok installed"'
  stand_in apt-get <<<'exit 100'
  in_common apt_install there
  expect_status 0
  expect_equal "$output" ""
}

test_a_stage_keeps_the_status_of_its_command() {
  run scripts/stage.sh 'some stage' bash -c 'exit 7'
  expect_status 7
  expect_output 'some stage: FAILED with status 7'
}
