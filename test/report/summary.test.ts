import { describe, expect, test } from "vitest";
import type { IdleCause } from "../../src/model/contracts/report.ts";
import { summarize } from "../../src/report/summary.ts";
import { action, kernel, realisticReport, stage, timeline } from "./sample-reports.ts";

const spaces = (text: string): string => text.replaceAll("\u00a0", " ");

function idle(totalUs: number, causes: Partial<Record<IdleCause, number>>): string {
  const idleUs = Object.values(causes).reduce((sum, us) => sum + us, 0);
  return spaces(
    summarize(
      [
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
      ],
      [],
    ),
  );
}

test("sums up a realistic report in one paragraph", () => {
  expect(spaces(summarize(realisticReport().stages, []))).toMatchInlineSnapshot(
    `"extend/prefill (1 step) is launch-bound: for 72.0 ms the GPU waits for the host to launch, so fewer launches come before faster kernels — the GPU is busy 11.6 ms of 84.5 ms (13.7%). Communication is exposed for 1.98 ms of its 2.12 ms (17.1% of busy time). GPU time goes to moe gemm 25.9%, communication 18.2% and copy 6.7%. decode (4 steps): the GPU is busy 9.00 ms of 10.0 ms (90.0%)."`,
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
  expect(spaces(summarize([stage({ timeline: time })], []))).toContain(
    "Communication is exposed for 1.90 ms of its 2.10 ms (19.0% of busy time).",
  );
});

test("the first thing to do in the stage is said last, with what it saves", () => {
  const other = action({ stage: "prefill", title: "Other" });
  const saves = { kernelUs: 210, gapUs: 1_000, pctOfStep: 2 };
  const first = action({ stage: "decode", title: "Fuse it: split 3 times", saves });
  const later = action({ stage: "decode", title: "Later" });
  expect(spaces(summarize([stage()], [other, first, later]))).toMatch(
    /First: Fuse it: split 3 times \(at most 1\.21 ms, 2\.0% of the step\)\.$/,
  );
  const unknown = action({ stage: "decode", saves: { kernelUs: 0, gapUs: 0, pctOfStep: 0 } });
  expect(summarize([stage()], [unknown])).toMatch(/First: [^()]*\.$/);
});

test("shares of categories add up over kernels", () => {
  const kernels = [
    kernel({ name: "k1", category: "norm", sharePct: 30 }),
    kernel({ name: "k2", category: "gemm", sharePct: 20 }),
    kernel({ name: "k3", category: "gemm", sharePct: 15 }),
  ];
  expect(summarize([stage({ kernels })], [])).toContain(
    "GPU time goes to gemm 35.0% and norm 30.0%.",
  );
});

test("without GPU time there is nothing to sum up", () => {
  expect(summarize([], [])).toBe("The trace holds no GPU time to sum up.");
});
