#!/usr/bin/env python3
"""docs/topology.schema.json and the reference against the loader: a key stands in the schema if and only if the loader asks for it.

Every map that the schema describes is written with every word that any map could have as a key, each without a value; what `antiphon check`
calls unknown there is not asked for."""

import json
import pathlib
import re
import unittest

from support import AntiphonTest, main

# What is asked for only to be refused with a reason.
_REFUSED = {"times_within"}
_STEPS = [{"x": {"event": "x"}}]
# What must stand in a map, or beside it, for the loader to come to its keys.
_WITHIN = {".triggers.*": {"pattern": _STEPS}, ".triggers.*.pattern[]": {"group": _STEPS}, ".triggers.*.pattern[].group[]": {"group": _STEPS}}
_BESIDE = {
    ".triggers.*.after_match": {"pattern": _STEPS},
    ".triggers.*.absence.after": {"of": {"event": "x"}, "for": "1d"},
    ".triggers.*.absence.of": {"after": {"event": "x"}, "for": "1d"},
}


class Schema(AntiphonTest):
    def setUp(self):
        super().setUp()
        self.schema = json.loads((self.root / "docs" / "topology.schema.json").read_text())

    def maps(self):
        """By place: the keys of each map whose keys are known, and a function from the map to the topology that holds it there."""
        found = {}

        def visit(schema, place, around):
            if "$ref" in schema:
                if place.count("[]") < 2:  # groups of steps hold groups
                    visit(self.schema["$defs"][schema["$ref"].rsplit("/", 1)[1]], place, around)
                return
            if schema.get("additionalProperties") is False:
                found.setdefault(place, (set(), around))[0].update(schema.get("properties", ()))
            for choice in schema.get("anyOf", ()):
                visit(choice, place, around)
            for key, value in schema.get("properties", {}).items():
                inner = f"{place}.{key}"
                visit(value, inner, lambda it, key=key, inner=inner: around({key: it} | _BESIDE.get(inner, {})))
            if isinstance(schema.get("additionalProperties"), dict):
                visit(schema["additionalProperties"], f"{place}.*", lambda it: around({"x": it}))
            if isinstance(schema.get("items"), dict):
                visit(schema["items"], f"{place}[]", lambda it: around([it]))

        visit(self.schema, "", lambda it: it)
        return found

    def words(self):
        literal = re.compile(r'"([a-z_0-9]+)"')
        words = set()
        for path in sorted((pathlib.Path(self.root) / "engine" / "topology").glob("*.cc")):
            words.update(literal.findall(path.read_text()))
        return words.union(*(keys for keys, _ in self.maps().values())) - _REFUSED

    def keys_asked(self, words, place, around):
        self.write("topology.yaml", json.dumps(around(dict.fromkeys(sorted(words)) | _WITHIN.get(place, {}))))
        found = json.loads(self.run_antiphon("check", "--json", self.scratch, code=1).stdout)
        return words - {one["text"] for one in found["diagnostics"] if one["code"].startswith("unknown_")}

    def test_the_loader_asks_for_what_the_schema_has_and_for_nothing_else(self):
        words = self.words()
        maps = self.maps()
        self.assertGreater(len(maps), 50)
        for place, (keys, around) in maps.items():
            asked = self.keys_asked(words, place, around)
            self.assertEqual(sorted(keys - asked), [], f"{place or 'the root'}: in the schema, and the loader knows nothing of it")
            self.assertEqual(sorted(asked - keys)[:10], [], f"{place or 'the root'}: read by the loader, and not in the schema")

    def test_the_reference_names_every_key(self):
        reference = "".join((self.root / "docs" / page).read_text() for page in ("topology-reference.md", "patterns.md"))
        for place, (keys, _) in self.maps().items():
            self.assertEqual([key for key in sorted(keys) if not re.search(rf"\b{key}\b", reference)], [], f"{place}: not in the reference")


if __name__ == "__main__":
    main()
