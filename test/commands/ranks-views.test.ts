import { expect, test } from "vitest";
import { RANKS_FORMATS } from "../../src/report/ranks/document.ts";
import { simulate } from "../support/synth/ranks/simulate.ts";
import { allReduce, compared, kernel } from "./simulated-ranks.ts";

const PER_NODE = 4;
const WORLD = 16;
const nodeOf = (rank: number): number => Math.floor(rank / PER_NODE);
const onNode = (node: number): number[] => [0, 1, 2, 3].map((at) => node * PER_NODE + at);
const across = (rank: number): number[] => [0, 1, 2, 3].map((node) => node * PER_NODE + (rank % 4));
const groupsOf = (rank: number) => [
  { desc: "tp", ranks: onNode(nodeOf(rank)) },
  { desc: "dp", ranks: across(rank) },
];

/** All ranks of node 2 take a fifth longer, and rank 5 half as long again. */
const fleet = (slowNode: number, slowRank: number) =>
  simulate(WORLD, 5, (rank) => {
    const factor = nodeOf(rank) === slowNode ? 1.2 : rank === slowRank ? 1.5 : 1;
    return [
      kernel("gemm", 100 * factor),
      allReduce(onNode(nodeOf(rank))),
      kernel("attention", 60 * factor),
      allReduce(across(rank)),
    ];
  });

test("a slow node is one finding, a slow rank another; the clocks may differ", async () => {
  const { report, stage } = await compared(fleet(2, 5), {
    name: (rank) => `node-${nodeOf(rank)}/TP-${rank}-DECODE.trace.json`,
    of: (rank) => ({ groups: groupsOf(rank), skewUs: 3000 * nodeOf(rank) }),
  });
  expect(stage.notJudged).toBeNull();
  expect(stage.stragglers.map(({ label }) => label)).toEqual(["5", "8", "9", "10", "11"]);
  expect(stage.views.map(({ kind, parts }) => [kind, parts.length])).toEqual([
    ["node", 4],
    ["dp", 4],
    ["tp", 4],
  ]);
  const [nodes, data] = stage.views;
  expect(nodes!.parts.filter(({ isSlow }) => isSlow).map(({ name }) => name)).toEqual(["node-2"]);
  expect(nodes!.parts[2]!.slowerByPct).toBeGreaterThan(10);
  expect(nodes!.parts[1]).toMatchObject({ slowest: "5", isSlow: false });
  expect(data!.parts.some(({ isSlow }) => isSlow)).toBe(false);
  expect(report.summary).toContain("node node-2 (ranks 8-11): every rank of it is slow");
  expect(report.summary).toMatch(/rank 5 is .* slower/);
  expect(report.summary).not.toMatch(/rank 9 is/);
  const html = RANKS_FORMATS.html(report, { width: 120, color: false });
  expect(html.match(/<text x="0"[^>]*>rank /g)).toHaveLength(WORLD);
  expect(html).toContain("<title>allreduce tp</title>");
  expect(html).toContain("<title>allreduce dp</title>");
});
