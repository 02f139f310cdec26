import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { analyze } from "../../../src/commands/triage.ts";
import type { StageReport } from "../../../src/model/contracts/report.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../../src/model/options.ts";

const TRACES = "../shared/traces";

async function stageOf(path: string): Promise<StageReport> {
  const { reports } = await analyze({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [`${TRACES}/${path}`],
    rulesPath: "rules",
    minSharePct: 0,
  });
  return reports[0]!.stages[0]!;
}

interface RawEvent {
  readonly cat?: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
}

/** GPU events as JSON.parse sees them: nothing of ours in between. */
function gpuEvents(path: string): RawEvent[] {
  const { traceEvents } = JSON.parse(gunzipSync(readFileSync(`${TRACES}/${path}`)).toString()) as {
    traceEvents: RawEvent[];
  };
  return traceEvents.filter(({ cat }) =>
    ["kernel", "gpu_memcpy", "gpu_memset"].includes(cat ?? ""),
  );
}

/** Length of a union of intervals, by painting: sort, merge, add. */
function union(events: readonly RawEvent[]): [number, number][] {
  const sorted = events
    .map(({ ts, dur }): [number, number] => [ts, ts + dur])
    .sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [start, end] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

const length = (spans: readonly [number, number][]) =>
  spans.reduce((sum, [a, b]) => sum + b - a, 0);

function intersection(a: readonly [number, number][], b: readonly [number, number][]): number {
  let sum = 0;
  for (const [s, e] of a)
    for (const [x, y] of b) sum += Math.max(0, Math.min(e, y) - Math.max(s, x));
  return sum;
}

describe.skipIf(!existsSync(TRACES))(
  "overlap on the shared traces (needs ../shared/traces)",
  () => {
    test("train-a100: communication, its exposed part and the overlap agree with plain interval arithmetic", async () => {
      const { timeline, overlap } = await stageOf("train-a100-multistream");
      const events = gpuEvents("train-a100-multistream/rank0.json.gz");
      const comm = union(events.filter(({ name }) => name.startsWith("ncclKernel")));
      const compute = union(
        events.filter(({ cat, name }) => cat === "kernel" && !name.startsWith("ncclKernel")),
      );
      const hidden = intersection(comm, compute);
      expect(timeline.commUs / length(comm)).toBeCloseTo(1, 3);
      expect(timeline.exposedCommUs / (length(comm) - hidden)).toBeCloseTo(1, 3);
      const nccl = overlap.filter(({ kernel }) => kernel.startsWith("nccl"));
      expect(nccl.length).toBeGreaterThan(1);
      for (const { exclusivePct, hiddenPct } of nccl) {
        expect(exclusivePct + hiddenPct).toBeCloseTo(100, 6);
        expect(hiddenPct).toBeGreaterThan(0);
      }
    });

    test("vllm-b200: the all-reduce is exposed and tied on both sides, and the stage launch-bound first of all", async () => {
      const { overlap } = await stageOf("vllm-b200-tp8-eager");
      const row = overlap.find(({ kernel }) => kernel.includes("multimem_all_reduce"))!;
      expect([row.exclusivePct, row.dependencyRisk, row.saveAtMostUs]).toEqual([100, "high", 0]);
      expect(row.rationale).toMatch(/^The stage is launch-bound/);
      expect(row.rationale).toContain("roducer and consumer on the same stream");
      expect(overlap.filter(({ saveAtMostUs }) => saveAtMostUs > 0)).toEqual([]);
    });

    test("sglang-b300: copies of the second stream read hidden, early starts on one stream make no row", async () => {
      const stage = await stageOf("sglang-b300-decode");
      const copies = stage.overlap.filter(({ category }) => category === "copy");
      expect(copies.map(({ verdict }) => verdict)).toContain("low-roi-hidden");
      const early = stage.overlap.filter(({ kernel }) => /nvjet|fmha/.test(kernel));
      expect(early).toEqual([]);
    });
  },
);
