#!/usr/bin/env bash
# Builds V8's static library from the source in the `v8` crate with Debian's packages alone, and
# puts it into the cache that the crate's build script looks into. An interrupted build goes on
# where it stopped; a finished one leaves only the cached archive.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/v8/archive.sh"

readonly llvm=/usr/lib/llvm-22
readonly packages=(clang-22 lld-22 llvm-22 libclang-rt-22-dev ninja-build generate-ninja python3)
readonly recipe=$repo_root/scripts/v8
# The sources, the objects and the precompiled headers, without debug symbols.
readonly wanted_disk_gib=6
# What one compiler takes at its peak, on the largest files of V8.
readonly job_memory_mib=2048

check_machine() {
  { is_debian_like && [[ $(uname -sm) == "Linux x86_64" ]]; } ||
    die "V8 can be built from source only on an x86_64 Debian or a system derived from it: put $archive_name into a folder and name it by BURDOCK_V8_ARCHIVE_DIR instead."
  local free_gib
  free_gib=$(($(df -Pk "$repo_root" | awk 'NR == 2 { print $4 }') / 1048576))
  ((free_gib >= wanted_disk_gib)) ||
    die "building V8 takes $wanted_disk_gib GiB below $repo_root/.tools, and $free_gib GiB are free: make room and run this again."
}

# Compilers to run at a time: one for each processor, as far as the memory goes.
job_count() {
  local by_memory by_processors
  by_memory=$(($(awk '/^MemAvailable/ { print $2 }' /proc/meminfo) / 1024 / job_memory_mib))
  by_processors=$(nproc)
  ((by_memory < by_processors)) && by_processors=$by_memory
  printf '%s\n' $((by_processors > 0 ? by_processors : 1))
}

install_packages() {
  apt_install "${packages[@]}"
  [[ -x $llvm/bin/clang++ ]] ||
    die "the packages ${packages[*]} brought no $llvm/bin/clang++: install clang 22 there and run this again."
}

# crate_folder MANIFEST_FOLDER CRATE [OPTION]: where cargo unpacked a crate that MANIFEST_FOLDER
# depends on.
crate_folder() {
  local metadata
  metadata=$(cargo metadata --format-version 1 --manifest-path "$1/Cargo.toml" "${@:3}") ||
    die "cargo could not fetch the source of crate $2 (its message is above): check Cargo.lock, the network and cargo's registry and run this again."
  python3 -c 'import json, os, sys
for package in json.load(sys.stdin)["packages"]:
    if package["name"] == sys.argv[1]:
        print(os.path.dirname(package["manifest_path"]))' "$2" <<<"$metadata"
}

# The crate v8 leaves out ICU's data; the crate that deno_core's authors publish it in has the
# version number 0.<major version of ICU>.0.
icu_data_file() {
  local major folder project=$work/icudata
  major=$(awk '/define U_ICU_VERSION_MAJOR_NUM/ { print $3 }' \
    "$work/src/third_party/icu/source/common/unicode/uvernum.h")
  mkdir -p "$project/src"
  : >"$project/src/lib.rs"
  cat >"$project/Cargo.toml" <<TOML
[package]
name = "icudata"
edition = "2024"
[dependencies]
deno_core_icudata = "=0.$major.0"
[workspace]
TOML
  folder=$(crate_folder "$project" deno_core_icudata)
  printf '%s\n' "$folder/src/icudtl.dat"
}

copy_sources() {
  local crate data
  crate=$(crate_folder "$repo_root" v8 --locked)
  say "V8 $v8_version: copying the sources from $crate"
  rm -rf "$work"
  mkdir -p "$work"
  cp -r "$crate" "$work/src"
  chmod -R u+w "$work/src"
  data=$(icu_data_file)
  [[ -f $data ]] ||
    die "the crate deno_core_icudata has no $data: adapt scripts/build-v8.sh to its newer layout."
  mkdir -p "$work/src/third_party/icu/common"
  cp "$data" "$work/src/third_party/icu/common/icudtl.dat"
}

# The compiler's folder as GN wants it: Debian's, with our wrapper as clang++ and with the
# runtime library where newer versions of clang have it.
lay_out_clang() {
  local runtime=lib/clang/22/lib
  mkdir -p "$work/clang/bin" "$work/clang/$runtime/x86_64-unknown-linux-gnu"
  ln -sf "$llvm"/bin/* "$work/clang/bin/"
  ln -sf "$recipe/clang++" "$work/clang/bin/clang++"
  ln -sf "$llvm/$runtime/linux/libclang_rt.builtins-x86_64.a" \
    "$work/clang/$runtime/x86_64-unknown-linux-gnu/libclang_rt.builtins.a"
}

configure() {
  mkdir -p "$out"
  sed "s|@CLANG_BASE_PATH@|$work/clang|" "$recipe/args.gn" >"$out/args.gn"
  python3 "$recipe/edit_gn_files.py" "$work/src"
  gn --root="$work/src" gen "$out" >&2 ||
    die "GN refused V8's build files (its message is above): this is a defect of scripts/v8, please report it."
  python3 "$recipe/edit_ninja_files.py" "$out"
}

prepare() {
  if [[ -e $work/prepared ]] && cmp -s "$work/prepared" <(recipe_digest); then
    say "V8 $v8_version: going on with the build in $work"
    return
  fi
  copy_sources
  lay_out_clang
  configure
  recipe_digest >"$work/prepared"
}

# Changes with every file of the recipe, so that no half of an older one is used.
recipe_digest() { find "$0" "$recipe" -type f -not -name '*.pyc' -exec cksum {} + | sort; }

# Shows every step on a terminal, and each full percent in a log.
show_progress() {
  if [[ -t 2 ]]; then
    cat
  else
    awk '!/^V8: +[0-9]+% / { print; next } $2 != last { last = $2; print; fflush() }'
  fi
}

compile() {
  local jobs
  jobs=$(job_count)
  # Precompiled headers that an interruption kept from being made get another chance.
  mkdir -p "$out/pch"
  find "$out/pch" -name '*.pch' -empty -delete
  say "V8 $v8_version: compiling with $jobs jobs; on 2 processors this takes about an hour"
  BURDOCK_V8_PCH=$recipe/pch BURDOCK_V8_CLANG=$llvm/bin/clang++ NINJA_STATUS='V8: %p %f/%t ' \
    ninja -C "$out" -j "$jobs" rusty_v8 | show_progress >&2 ||
    die "V8 did not compile (the compiler's message is above): free memory or disk space if these ran out, and run 'make v8' again, which goes on from here."
}

compress_library() { gzip -c "$out/obj/librusty_v8.a" >"$1"; }

# The crate's build script keeps the library that it unpacked last and would not look at the cache.
forget_unpacked_library() {
  local target=${CARGO_TARGET_DIR:-$repo_root/target}
  [[ -d $target/release/gn_out ]] || return 0
  rm -rf "$target/release/gn_out"
  cargo clean --quiet --release --package v8 --manifest-path "$repo_root/Cargo.toml"
  say "V8 $v8_version: the library unpacked before is removed, so that the next build links this one"
}

name_archive
check_machine
readonly work=$repo_root/.tools/v8/$v8_version
readonly out=$work/src/out
install_packages
prepare
compile
store_archive compress_library ||
  die "the library that was built, $out/obj/librusty_v8.a, could not be put into $cached: free disk space and run 'make v8' again."
rm -rf "$work"
forget_unpacked_library
say "V8 $v8_version: built in $(minutes_since 0) minutes and cached at $cached"
