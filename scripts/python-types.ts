import { readFileSync } from "node:fs";
import { dataclassModule, type Schema } from "./python-dataclasses.ts";

/** Schema → the module made from it, and what a document of it is called. */
const MODULES = {
  report: "Report",
  diff: "Diff",
  ranks: "RanksReport",
  fleet: "FleetReport",
  explanation: "Explanation",
} as const;

/** Path and text of every generated Python module. */
export function pythonTypes(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(MODULES).map(([name, root]) => {
      const path = `references/${name}.schema.json`;
      const schema = JSON.parse(readFileSync(path, "utf8")) as Schema;
      return [`python/fuse_triage/schema/${name}.py`, dataclassModule(schema, root, path)];
    }),
  );
}
