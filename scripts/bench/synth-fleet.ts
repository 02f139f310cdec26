/**
 * Writes a fleet of ranks with faults that are known, to see what is told of them:
 *
 *     tsx scripts/bench/synth-fleet.ts OUT [--ranks 256] [--mb 20]
 *
 * Eight ranks a node: tensor parallel within it, data parallel across. One rank is slow, all ranks
 * of one node are, one file is damaged and one rank left no file.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { simulate, type Work } from "../../test/support/synth/ranks/simulate.ts";
import { rankText } from "../../test/support/synth/ranks/write.ts";

const PER_NODE = 8;
const STEPS = 8;
const LAYERS = 4;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ranks: { type: "string", default: "256" },
    mb: { type: "string", default: "20" },
  },
});
const [out] = positionals;
if (out === undefined) throw new Error("usage: synth-fleet.ts OUT [--ranks 256] [--mb 20]");
const ranks = Number(values.ranks);
const nodes = ranks / PER_NODE;
/** Different places, whatever the size. */
const FAULTS = {
  slowRank: Math.floor(ranks * 0.15),
  slowNode: Math.floor(nodes * 0.4),
  damaged: Math.floor(ranks * 0.7),
  missing: Math.floor(ranks * 0.8),
};

const sequence = (count: number, of: (at: number) => number): number[] =>
  Array.from({ length: count }, (_, at) => of(at));
const tensorGroups = sequence(nodes, (node) => node).map((node) =>
  sequence(PER_NODE, (local) => node * PER_NODE + local),
);
const dataGroups = sequence(PER_NODE, (local) => local).map((local) =>
  sequence(nodes, (node) => node * PER_NODE + local),
);

function program(rank: number): readonly Work[] {
  const node = Math.floor(rank / PER_NODE);
  const slower = rank === FAULTS.slowRank ? 1.3 : node === FAULTS.slowNode ? 1.12 : 1;
  const kernel = (name: string, us: number): Work => ({ do: "kernel", name, us: us * slower });
  const sum = (group: readonly number[], desc: string): Work => ({
    ...{ do: "collective", collective: "allreduce", group, us: 20, desc },
    kernel: "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
  });
  const layer = [
    kernel("fused_add_rms_norm_kernel", 6),
    kernel("nvjet_tst_128x256_64x4_2x1_v_bz_coopA_TNT", 40),
    kernel("flash_fwd_splitkv_kernel", 55),
    kernel("nvjet_tst_192x192_64x3_1x2_h_bz_coopB_TNT", 25),
    sum(tensorGroups[node]!, "tp"),
    kernel("fused_moe_kernel", 90),
    sum(tensorGroups[node]!, "tp"),
  ];
  const layers = Array.from({ length: LAYERS }, () => layer).flat();
  return [...layers, sum(dataGroups[rank % PER_NODE]!, "dp")];
}

/** A host's frames, as most of a real trace is. */
function padding(bytes: number, pid: number): string {
  const parts: string[] = [];
  let [size, at] = [0, 0];
  while (size < bytes) {
    const name = `sglang/srt/models/layer_${at % 61}.py(${100 + (at % 977)}): forward`;
    const text = `{"ph": "X", "cat": "python_function", "name": "${name}", "pid": ${pid}, "tid": 77, "ts": ${10_000 + at * 0.5}, "dur": 0.4, "args": {"Python id": ${at + 1}, "Python parent id": null, "Python thread": 0}}`;
    parts.push(text);
    size += text.length + 2;
    at++;
  }
  return parts.join(",\n");
}

const started = performance.now();
const simulated = simulate(ranks, STEPS, program);
mkdirSync(out, { recursive: true });
const pad = padding(Number(values.mb) * 1e6 * 0.99, 4242);
const groups = [
  ...tensorGroups.map((members) => ({ desc: "tp", ranks: members })),
  ...dataGroups.map((members) => ({ desc: "dp", ranks: members })),
];
for (const one of simulated) {
  const { rank } = one;
  if (rank === FAULTS.missing) continue;
  const text = rankText(one, {
    world: ranks,
    // Each process lists its own groups, and no two hosts agree on the time.
    groups: groups.filter((group) => group.ranks.includes(rank)),
    skewUs: Math.floor(rank / PER_NODE) * 1700,
  });
  const whole = gzipSync(text.replace('"traceEvents":[', `"traceEvents":[${pad},\n`), { level: 1 });
  const node = String(Math.floor(rank / PER_NODE)).padStart(3, "0");
  mkdirSync(join(out, `node-${node}`), { recursive: true });
  const name = `1782859605-TP-${rank}-DECODE.trace.json.gz`;
  const bytes = rank === FAULTS.damaged ? whole.subarray(0, whole.length / 2) : whole;
  writeFileSync(join(out, `node-${node}`, name), bytes);
}
process.stdout.write(
  `${JSON.stringify({ ranks, ...FAULTS, seconds: Math.round((performance.now() - started) / 1000) })}\n`,
);
