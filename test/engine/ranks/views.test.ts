import { describe, expect, test } from "vitest";
import { groupKinds } from "../../../src/engine/ranks/group-kinds.ts";
import type { LabelledStage } from "../../../src/engine/ranks/labelled-stage.ts";
import { nodesOf } from "../../../src/engine/ranks/rank-node.ts";

const NO_PLACE = { host: null, device: null, devices: 0 };
const pair = (rank: number): number[] => [rank - (rank % 2), rank - (rank % 2) + 1];
const across = (rank: number): number[] => [rank % 2, (rank % 2) + 2];

/** Of four ranks, as much as is asked of them. */
const ranks = (of: (rank: number) => object): LabelledStage[] =>
  [0, 1, 2, 3].map(
    (rank) =>
      ({
        ...{ label: String(rank), rank, groups: [], place: NO_PLACE, paths: [`TP-${rank}.json`] },
        ...{ measure: { collectives: [] }, isComplete: true },
        ...of(rank),
      }) as unknown as LabelledStage,
  );

describe("process groups by kind", () => {
  test.each([
    ["TENSOR_MODEL_PARALLEL_GROUP", "DATA_PARALLEL_GROUP", ["dp", "tp"]],
    ["EXPERT_MODEL_PARALLEL_GROUP", "PIPELINE_MODEL_PARALLEL_GROUP", ["ep", "pp"]],
    ["mesh_tp", "mesh_dp_replicate", ["dp", "tp"]],
    ["undefined", "undefined", ["group of 2", "group of 2, every 2"]],
    ["moe_ep:0", "attn_cp", ["cp", "ep"]],
    ["moe_tp", "world", ["group of 2, every 2", "tp"]],
  ])("described as %s and %s", (inside, outside, kinds) => {
    const own = ranks((rank) => ({
      groups: [
        { desc: inside, ranks: pair(rank) },
        { desc: outside, ranks: across(rank) },
      ],
    }));
    expect(groupKinds(own).map(({ kind }) => kind)).toEqual(kinds);
    expect(groupKinds(own).every(({ groups }) => groups.length === 2)).toBe(true);
  });

  test("two kinds with the same members are one view; collectives tell members, too", () => {
    const own = ranks((rank) => ({
      groups: [
        { desc: "tp", ranks: pair(rank) },
        { desc: "ep", ranks: pair(rank) },
        { desc: "default_pg", ranks: [0, 1, 2, 3] },
      ],
      measure: { collectives: [{ group: `[${across(rank).join(", ")}]` }, { group: "tp" }] },
    }));
    expect(groupKinds(own)).toEqual([
      {
        kind: "ep, tp",
        groups: [
          [0, 1],
          [2, 3],
        ],
      },
      {
        kind: "group of 2, every 2",
        groups: [
          [0, 2],
          [1, 3],
        ],
      },
    ]);
  });

  test("groups that share a rank are no view", () => {
    const own = ranks((rank) => ({ groups: [{ desc: "tp", ranks: [0, rank] }] }));
    expect(groupKinds(own)).toEqual([]);
  });
});

describe("nodes", () => {
  const [half, other] = [["0", "0", "1", "1"], null];
  test.each<[string, (rank: number) => object, number | null, readonly string[] | null]>([
    ["as the user says", () => ({}), 2, half!],
    [
      "a recorded host",
      (rank) => ({ place: { ...NO_PLACE, host: `h${rank >> 1}` } }),
      null,
      ["h0", "h0", "h1", "h1"],
    ],
    [
      "torch's file names",
      (rank) => ({ paths: [`w${rank % 2}_71${rank}.1698957662168769395.pt.trace.json.gz`] }),
      null,
      ["w0", "w1", "w0", "w1"],
    ],
    [
      "folders",
      (rank) => ({ paths: [`run/node-${rank >> 1}/TP-${rank}.json`] }),
      null,
      ["node-0", "node-0", "node-1", "node-1"],
    ],
    ["devices", (rank) => ({ place: { host: null, device: rank % 2, devices: 2 } }), null, half!],
    [
      "a device of its own each",
      () => ({ place: { host: null, device: 0, devices: 1 } }),
      null,
      other,
    ],
    [
      "devices that one rank does not fit",
      (rank) => ({ place: { host: null, device: rank === 3 ? 0 : rank % 2, devices: 2 } }),
      null,
      other,
    ],
    ["one host", () => ({ place: { ...NO_PLACE, host: "h" } }), null, other],
    [
      "a host that one does not tell",
      (rank) => ({ place: { ...NO_PLACE, host: rank === 0 ? null : "h" } }),
      null,
      other,
    ],
  ])("%s", (_, of, ranksPerNode, names) => {
    expect(nodesOf(ranks(of), ranksPerNode)?.names ?? null).toEqual(names);
  });
});
