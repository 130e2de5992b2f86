#!/usr/bin/env python3
"""lint.py [FOLDER]: holds the house to its rules. Ends with 0 if they are kept, 1 if not. lint.py --arrows prints the table of arrows."""

import pathlib
import sys

from arrows import arrows_in_markdown, check_arrows, check_table
from files import check_built, check_readmes, check_size, check_words
from functions import check_functions
from house import read_house
from links import check_links
from purity import check_purity
from third_party import check_third_party

RULES = (
    check_arrows, check_table, check_third_party, check_purity, check_size, check_functions, check_words, check_readmes, check_built, check_links,
)


def lint(house):
    return sorted({finding for rule in RULES for finding in rule(house)})


def main(arguments):
    if arguments == ["--arrows"]:
        print(arrows_in_markdown())
        return 0
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print(__doc__, file=sys.stderr)
        return 0 if arguments == ["--help"] else 2
    root = arguments[0] if arguments else str(pathlib.Path(__file__).resolve().parents[2])
    house = read_house(root)
    findings = lint(house)
    for finding in findings:
        print(finding)
    print(f"lint: {len(house.paths)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
