import { join } from "node:path";
import { expect, test } from "vitest";
import { ranksSideBySide } from "../../src/commands/ranks.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function rankText(rank: number, longest: number): string {
  const events = Array.from({ length: 20 }, (_, i) => {
    const args = { correlation: i + 1, "External id": i + 1 };
    const host = { ph: "X", pid: 1, tid: 1, ts: 1000 + i * 20, dur: 5 };
    return [
      { ...host, cat: "cuda_runtime", name: "cudaLaunchKernel", args },
      {
        ...{ ...host, cat: "kernel", name: i % 2 ? "gemm" : "norm", pid: 0, tid: 7 },
        ts: host.ts + 8,
        dur: i === 6 ? longest : 10,
        args: { ...args, device: 0, stream: 7 },
      },
    ];
  });
  const distributedInfo = { backend: "nccl", rank, world_size: 2 };
  return JSON.stringify({ distributedInfo, traceEvents: events.flat() });
}

test("a rank whose recording was repaired is named, and judged by what was repaired", async () => {
  const folder = temporaryFolder({
    "run-TP-0.trace.json": rankText(0, 10),
    "run-TP-1.trace.json": rankText(1, 3.4e6),
  });
  const report = await ranksSideBySide({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [join(folder)],
    rulesPath: "rules",
  });
  expect(report.remarks).toContainEqual({
    code: "health/impossible-duration",
    message: expect.stringMatching(/^rank 1: GPU events with an impossible duration: 1 /),
  });
  expect(report.stages.flatMap(({ stragglers }) => stragglers)).toEqual([]);
});
