import { describe, expect, test } from "vitest";
import type { IdleCause } from "../../src/model/report.ts";
import { summarize } from "../../src/report/summary.ts";
import { fuse, kernel, realisticReport, stage, timeline } from "./sample-reports.ts";

const spaces = (text: string): string => text.replaceAll("\u00a0", " ");

function idle(totalUs: number, causes: Partial<Record<IdleCause, number>>): string {
  const idleUs = Object.values(causes).reduce((sum, us) => sum + us, 0);
  return spaces(
    summarize([
      stage({
        timeline: timeline({
          totalUs,
          busyUs: totalUs - idleUs,
          idleUs,
          idleCauses: Object.entries(causes).map(([cause, us]) => ({
            cause: cause as IdleCause,
            us,
            note: null,
          })),
        }),
      }),
    ]),
  );
}

test("sums up a realistic report in one paragraph", () => {
  expect(spaces(summarize(realisticReport().stages))).toMatchInlineSnapshot(
    `"extend/prefill (1 step) is launch-bound: for 72.0 ms the GPU waits for the host to launch, so fewer launches come before faster kernels — the GPU is busy 11.6 ms of 84.5 ms (13.7%). Communication is exposed for 1.98 ms of its 2.12 ms (17.1% of busy time). GPU time goes to moe gemm 25.9%, communication 18.2% and copy 6.7%; the largest kernel is bmm_E2m1_E2m1E4m3_Fp32_t128x64x256_swiGlu_dynB_sm100f (25.9%). Not fused: allreduce-residual-rmsnorm (26.7%, saves at most 1.20 ms); fusable once pending work lands: rope-fp8-quant-kv-write (4.5%, saves at most 210 µs); already fused: residual-rmsnorm (3.9%). decode (4 steps): the GPU is busy 9.00 ms of 10.0 ms (90.0%)."`,
  );
});

describe("a stage that waits says so first", () => {
  test("launch-bound when the host is the largest cause", () => {
    expect(idle(84_500, { "host-launch": 72_000, synchronisation: 900 })).toBe(
      "decode (1 step) is launch-bound: for 72.0 ms the GPU waits for the host to launch, so fewer launches come before faster kernels — the GPU is busy 11.6 ms of 84.5 ms (13.7%).",
    );
  });

  test("held up by synchronisation when that is", () => {
    expect(idle(10_000, { "host-launch": 100, synchronisation: 4_000 })).toMatch(
      /^decode \(1 step\) is held up by synchronisation: for 4\.00 ms/,
    );
  });

  test("mostly idle, and no more, when nothing tells why", () => {
    expect(idle(10_000, { other: 4_000 })).toContain("for reasons the trace does not tell");
  });
});

test("a busy stage names the largest cause of what idle it has", () => {
  expect(idle(10_000, { "graph-launch": 800, "host-launch": 300 })).toBe(
    "decode (1 step): the GPU is busy 8.90 ms of 10.0 ms (89.0%), idle mostly by graph launches.",
  );
});

test("a hole counts neither as idle nor as time", () => {
  expect(idle(473_750, { hole: 463_977, "host-launch": 100 })).toBe(
    "decode (1 step): the GPU is busy 9.67 ms of 9.77 ms (99.0%). A hole of 464 ms that nothing explains is left out.",
  );
});

test("exposed communication is said in time and share", () => {
  const time = timeline({ busyUs: 10_000, commUs: 2_100, exposedCommUs: 1_900 });
  expect(spaces(summarize([stage({ timeline: time })]))).toContain(
    "Communication is exposed for 1.90 ms of its 2.10 ms (19.0% of busy time).",
  );
});

const NOTHING = { kernelUs: 0, gapUs: 0, pctOfStep: 0 };

test("open, pending and active patterns are told apart and counted", () => {
  const rows = [
    fuse({ rule: "a", sharePct: 9, saves: NOTHING }),
    fuse({ rule: "b", sharePct: 8, saves: NOTHING }),
    fuse({ rule: "c", sharePct: 7, saves: NOTHING }),
    fuse({ rule: "d", sharePct: 6, saves: NOTHING }),
    fuse({
      rule: "p",
      sharePct: 5,
      status: "in-flight",
      saves: { kernelUs: 210, gapUs: 0, pctOfStep: 2 },
    }),
    fuse({ rule: "x", sharePct: 4, state: "active", saves: NOTHING }),
  ];
  expect(spaces(summarize([stage({ fuse: rows })]))).toContain(
    "Not fused: a (9.0%), b (8.0%), c (7.0%) and 1 more; fusable once pending work lands: p (5.0%, saves at most 210 µs); already fused: x (4.0%).",
  );
});

test("shares of categories add up over kernels", () => {
  const kernels = [
    kernel({ name: "k1", category: "norm", sharePct: 30 }),
    kernel({ name: "k2", category: "gemm", sharePct: 20 }),
    kernel({ name: "k3", category: "gemm", sharePct: 15 }),
  ];
  expect(summarize([stage({ kernels })])).toContain(
    "GPU time goes to gemm 35.0% and norm 30.0%; the largest kernel is k1 (30.0%).",
  );
});

test("without GPU time there is nothing to sum up", () => {
  expect(summarize([])).toBe("The trace holds no GPU time to sum up.");
});
