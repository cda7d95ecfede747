"""Edits a copy of the v8 crate so that the GN of Debian (of 2022) can read its build files.

Usage: edit_gn_files.py SOURCE_FOLDER

That GN has no `path_exists`, no `{{cc_module_name}}`, no `c_additional_outputs` and no `inputs` in
a tool. Each edit must match exactly once: a newer crate that moved something is named, not guessed.
"""

import pathlib
import sys

# (file, what it says, what it has to say)
EDITS = [
    (
        "build/toolchain/siso.gni",
        '_is_ninja_used = path_exists(rebase_path(".ninja_deps", root_build_dir))',
        "_is_ninja_used = true",
    ),
    (
        "build/toolchain/siso.gni",
        'path_exists("//build/config/siso/.sisoenv")',
        "false",
    ),
    (
        "build/config/compiler/BUILD.gn",
        "path_exists(_head_revision_stamp_path)",
        "false",
    ),
    (
        "build/config/compiler/BUILD.gn",
        "    c_additional_outputs =\n"
        '        [ "{{target_out_dir}}/{{label_name}}/{{source_name_part}}.dwo" ]\n',
        "",
    ),
    ("build/config/c++/modules.gni", "path_exists(path)", "true"),
    ("build/config/sysroot.gni", "path_exists(sysroot)", "true"),
    (
        "build/toolchain/rbe.gni",
        "!path_exists(reclient_cc_cfg_file)",
        "false",
    ),
    ("build/toolchain/rbe.gni", "path_exists(rewrapper_path)", "true"),
    (
        "build/toolchain/gcc_toolchain.gni",
        ' -fmodule-name=\\"{{cc_module_name}}_Private\\"',
        "",
    ),
    (
        "build/toolchain/gcc_toolchain.gni",
        "${extra_cflags}${module_name_flag} -c",
        "${extra_cflags} -c",
    ),
    (
        "build/toolchain/gcc_toolchain.gni",
        "{{module_deps}}${module_name_flag} -c",
        "{{module_deps}} -c",
    ),
    (
        "build/toolchain/gcc_toolchain.gni",
        ' -fmodule-name=\\"{{cc_module_name}}\\"',
        "",
    ),
    (
        "build/toolchain/gcc_toolchain.gni",
        "        inputs =\n"
        '            [ get_path_info(rebase_path(ar, ".", root_out_dir), "abspath") ]\n',
        "",
    ),
]


def apply(root: pathlib.Path, name: str, old: str, new: str) -> None:
    file = root / name
    text = file.read_text()
    if text.count(old) != 1:
        sys.exit(
            f"set-up failed: {file} has {text.count(old)} times instead of once the text "
            f"{old!r}: adapt scripts/v8/edit_gn_files.py to this version of the v8 crate."
        )
    file.write_text(text.replace(old, new))


def main() -> None:
    root = pathlib.Path(sys.argv[1])
    for name, old, new in EDITS:
        apply(root, name, old, new)


if __name__ == "__main__":
    main()
