"""Edits the files that GN generated so that ninja and clang 22 accept them.

Usage: edit_ninja_files.py OUTPUT_FOLDER

Takes out the flags that only newer compilers know (those for warnings would each be warned of in
every file), and the `+` of rule names, which ninja refuses.
"""

import pathlib
import re
import sys

UNKNOWN_FLAGS = re.compile(
    r" (?:-fdiagnostics-show-inlining-chain|-fno-lifetime-dse"
    r"|-fsanitize-ignore-for-ubsan-feature=[\w-]+"
    r"|-Wno-unsafe-buffer-usage-in-static-sized-array|-Wno-unused-but-set-global)(?= |$)",
    re.MULTILINE,
)
RULE_PREFIX = "__buildtools_third_party_libc{}_"


def edited(text: str) -> str:
    text = UNKNOWN_FLAGS.sub("", text)
    return text.replace(RULE_PREFIX.format("++"), RULE_PREFIX.format("xx"))


def main() -> None:
    for file in sorted(pathlib.Path(sys.argv[1]).rglob("*.ninja")):
        text = file.read_text()
        if (new := edited(text)) != text:
            file.write_text(new)


if __name__ == "__main__":
    main()
