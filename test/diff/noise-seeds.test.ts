import { cpSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { diffOf, news, reportOf, tracePath } from "./pairs.ts";

const NOTHING = [{ metrics: [], kernels: [], positions: [], rules: [] }];
// Graph replays have no stacks: recording none makes the traces small.
const LEAN = { stacks: false, shapes: false, layers: 6 };
const RULE = "rules/fuse/sglang/sgl-flashinfer-allreduce-rmsnorm.fuse";

test("over 50 seeds of the same work scattered by ±3 % nothing is told", async () => {
  // The whole vocabulary and one rule: rules do not look at times, and matching all takes long.
  const rules = temporaryFolder({});
  cpSync("rules/lib", `${rules}/lib`, { recursive: true });
  cpSync(RULE, `${rules}/fuse/sglang/${basename(RULE)}`);
  const before = await reportOf(tracePath("before", LEAN), rules);
  expect(before.stages[0]!.fuse).toHaveLength(1);
  const told: unknown[] = [];
  for (let seed = 2; seed <= 51; seed++) {
    const diff = diffOf(before, await reportOf(tracePath("after", { ...LEAN, seed }), rules));
    const found = news(diff);
    if (JSON.stringify(found) !== JSON.stringify(NOTHING) || diff.verdict.change !== "within-noise")
      told.push({ seed, verdict: diff.verdict, found });
  }
  expect(told).toEqual([]);
}, 120_000);
