import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { Random } from "./random.ts";
import { fuzzSides } from "./sides/index.ts";
import { RULE_KINDS } from "./sides/rule-sets.ts";
import { runHere } from "./sides/run-here.ts";
import { SIDE_KINDS } from "./sides/side-files.ts";

/** Every kind once; `npm run fuzz -- --sides` goes on with other seeds. */
const KINDS = Object.keys(RULE_KINDS).length + SIDE_KINDS.length;

test("hostile rule sets and files end with a documented exit code, words and bounds", async () => {
  const { counts, failures } = await fuzzSides({ cases: KINDS, seed: 22 });
  expect(failures).toEqual([]);
  expect(Object.keys(counts)).toHaveLength(KINDS);
});

test("what is hostile stands in rules that are otherwise understood", async () => {
  const folder = temporaryFolder({});
  RULE_KINDS["many comments"]!(folder, new Random(1));
  const { code, out } = await runHere("rules", "test", ["--rules", folder]);
  expect([code, out]).toEqual([0, expect.stringContaining("of 1 rule pass")]);
});
