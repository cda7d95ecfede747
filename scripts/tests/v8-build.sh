# shellcheck shell=bash
# Tests of the recipe that builds V8 from source, without V8 and without a compiler.

# A compiler that notes its arguments; with a precompiled header it fails when `pch-fails` exists.
wrapper_project() {
  stand_in real-clang <<'SCRIPT'
echo "$*" >>calls
if [[ $* == *-include-pch* && -e pch-fails ]]; then exit 1; fi
while (($#)); do
  [[ $1 == -o ]] && echo compiled >"$2"
  shift
done
SCRIPT
  mkdir -p headers obj/v8/some_target
  echo '#include "a.h"' >headers/some_target.h
  export BURDOCK_V8_CLANG=$PWD/bin/real-clang BURDOCK_V8_PCH=$PWD/headers
}

compile_file() {
  run 'scripts/v8/clang++' -MMD -MF "obj/v8/$1/$2.o.d" -DX -c "$2.cc" -o "obj/v8/$1/$2.o"
}

test_v8_wrapper_precompiles_a_header_once_with_the_targets_flags() {
  wrapper_project
  compile_file some_target one
  compile_file some_target two
  expect_status 0
  expect_equal "$(cat calls)" "-DX -x c++-header pch/some_target.h -o pch/some_target.h.new
-include-pch pch/some_target.h.pch -MMD -MF obj/v8/some_target/one.o.d -DX -c one.cc -o obj/v8/some_target/one.o
-include-pch pch/some_target.h.pch -MMD -MF obj/v8/some_target/two.o.d -DX -c two.cc -o obj/v8/some_target/two.o"
}

test_v8_wrapper_falls_back_to_compiling_without() {
  wrapper_project
  touch pch-fails
  compile_file some_target one
  expect_status 0
  expect_equal "$(tail -n 1 calls)" "-MMD -MF obj/v8/some_target/one.o.d -DX -c one.cc -o obj/v8/some_target/one.o"
}

test_v8_wrapper_leaves_other_targets_alone() {
  wrapper_project
  mkdir -p obj/v8/other
  compile_file other one
  expect_status 0
  expect_equal "$(cat calls)" "-MMD -MF obj/v8/other/one.o.d -DX -c one.cc -o obj/v8/other/one.o"
}

test_v8_generated_files_lose_what_ninja_and_clang_refuse() {
  mkdir -p out/obj
  echo 'cflags = -O2 -fno-lifetime-dse -fsanitize-ignore-for-ubsan-feature=array-bounds -Wno-unused-but-set-global -Wno-unused -g0 -fdiagnostics-show-inlining-chain' >out/obj/a.ninja
  echo 'rule __buildtools_third_party_libc++_make___rule' >out/toolchain.ninja
  run python3 scripts/v8/edit_ninja_files.py out
  expect_status 0
  expect_equal "$(cat out/obj/a.ninja)" 'cflags = -O2 -Wno-unused -g0'
  expect_equal "$(cat out/toolchain.ninja)" 'rule __buildtools_third_party_libcxx_make___rule'
}

test_v8_sources_that_moved_on_are_named() {
  mkdir -p src/build/toolchain
  echo 'something newer' >src/build/toolchain/siso.gni
  run python3 scripts/v8/edit_gn_files.py src
  expect_status 1
  expect_output 'src/build/toolchain/siso.gni has 0 times instead of once the text'
}

test_v8_build_needs_debian() {
  printf 'ID=fedora\n' >os-release
  run scripts/build-v8.sh
  expect_status 1
  expect_output 'V8 can be built from source only on an x86_64 Debian'
}
