import type { KernelRowNode, RowNode } from "../../ast.ts";
import { ruleCheck } from "../check.ts";

/** A rule that asks for more of a stage's time than this misses nearly all that it is about. */
const MOST_SHARE = 0.1;

/** Shorter than any launch, and longer than a server waits for a step. */
const KERNEL_NS = { least: 100, most: 10_000_000_000 } as const;

/** Models have up to some two hundred layers. */
const MOST_REPEATS = 64;

/** unlikely-number. Mostly a unit, or a digit too many. */
export const unlikelyNumbers = ruleCheck("unlikely-number", function* ({ node }) {
  const share = node.report?.value;
  if (share !== undefined && share.share > MOST_SHARE)
    yield {
      range: share.range,
      message: `hardly any fusion takes ${share.text} of a stage`,
      help: "most rules report from 0.1% to 1% on",
    };
  for (const { repeat } of node.states)
    if (repeat !== null && repeat.min.value > MOST_REPEATS)
      yield {
        range: repeat.min.range,
        message: `few models do anything ${repeat.min.value} times a step`,
        help: "two to eight times make a model: repeat >= 2",
      };
  for (const { duration } of node.tests.flatMap(({ rows }) => [...kernelRows(rows)]))
    if (duration.ns < KERNEL_NS.least || duration.ns > KERNEL_NS.most)
      yield {
        range: duration.range,
        message: `no kernel takes ${duration.text}`,
        help: "kernels take 1us to some milliseconds; the units are ns, us and ms",
      };
});

function* kernelRows(rows: readonly RowNode[]): Generator<KernelRowNode> {
  for (const row of rows)
    if (row.kind === "repeat") yield* kernelRows(row.rows);
    else if (row.kind === "on") yield row;
}
