import { describe, expect, test } from "vitest";
import { ATTENTION, codes, compared, GEMM, news, type Run } from "./simulated-pairs.ts";

describe("noise", () => {
  test("runs alike are within noise", async () => {
    const { diff, stage } = await compared({}, {});
    expect(news(stage)).toEqual([]);
    expect(["within-noise", "identical"]).toContain(stage.verdict.change);
    expect(diff.doubtful).toBe(false);
  });

  test("25 % of one kernel are found beside a first step of 50 ms more and half a last step", async () => {
    const cold: Run = { first: [{ do: "kernel", name: GEMM, us: 50_000 }], lastLayers: 3 };
    const { stage } = await compared(cold, { ...cold, layer: { us: { attention: 31.25 } } });
    expect(news(stage)).toEqual([`slower ${ATTENTION.replace("void ", "").slice(0, 12)}`]);
    expect(stage.verdict.change).toBe("slower");
    expect(stage.verdict.deltaUs).toBeCloseTo(6 * 6.25, -1);
  });

  test("a cold first step on one side is no news", async () => {
    const { stage } = await compared({ first: [{ do: "kernel", name: GEMM, us: 50_000 }] }, {});
    expect(news(stage)).toEqual([]);
    expect(stage.verdict.change).toBe("within-noise");
  });
});

describe("one cause is one line", () => {
  test("every kernel 7 % longer is clock or power", async () => {
    const us = { norm: 4.28, gemm: 32.1, attention: 26.75, activation: 6.42, moe: 53.5 };
    const { stage } = await compared({}, { layer: { us } });
    expect(stage.uniform!.pct).toBeCloseTo(7, 0);
    expect(stage.verdict.text).toMatch(/every kernel takes about 7\.0% longer: clock or power/);
    expect(stage.verdict.text).not.toMatch(/slower \(\+/);
  });

  const alike = (by: number) => ({
    us: { norm: 4 * by, gemm: 30 * by, attention: 25 * by, activation: 6 * by, moe: 50 * by },
  });

  test.each([
    [
      "another batch",
      { label: "step[DECODE bs=32]" },
      1.2,
      /batch \(requests of a step\): 16 → 32/,
    ],
    [
      "another GPU",
      { gpu: "NVIDIA B200" },
      0.75,
      /another GPU: NVIDIA H100 80GB HBM3 → NVIDIA B200/,
    ],
    ["too much for a clock", {}, 2, /no kernel of its own, more than clock or power explain/],
  ] as const)("%s is no clock", async (_, after, by, why) => {
    const { stage } = await compared({}, { ...after, layer: alike(by) });
    expect(stage.uniform!.kernels).toHaveLength(5);
    expect(stage.verdict.text).toMatch(why);
    expect(stage.verdict.text).not.toMatch(/: clock or power/);
  });

  test("one kernel of 7 % is its own", async () => {
    const { stage } = await compared({}, { layer: { us: { moe: 53.5 } } });
    expect(stage.uniform).toBeNull();
    expect(news(stage)).toEqual(["slower fused_moe_ke"]);
  });

  test("reasons come by measured change", async () => {
    const { stage } = await compared({}, { layer: { us: { moe: 60, gemm: 33, norm: 9 } } });
    const places = ["fused_moe", "FusedAddRMSNorm", "nvjet"].map((word) =>
      stage.verdict.text.indexOf(word),
    );
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(0);
  });
});

describe("what a step holds", () => {
  test.each([
    ["batch", { label: "step[DECODE bs=16]" }, { label: "step[DECODE bs=32]" }, ["diff/batch"]],
    ["phase", { label: "step[DECODE bs=16]" }, { label: "step[VERIFY bs=16]" }, ["diff/phase"]],
    ["layers", {}, { layers: 8 }, ["diff/layers"]],
    [
      "settings",
      { settings: { chunked_prefill_size: 8192, port: 1, random_seed: 3 } },
      { settings: { chunked_prefill_size: 4096, port: 2, random_seed: 4 } },
      ["diff/settings"],
    ],
  ] as readonly [string, Run, Run, string[]][])(
    "another %s makes the pair doubtful",
    async (_, before, after, expected) => {
      const { diff } = await compared(before, after);
      expect(codes(diff)).toEqual(expected);
      expect(diff.doubtful).toBe(true);
      expect(diff.verdict.text).toMatch(/^Doubtful: /);
    },
  );

  test("times per layer where depth differs", async () => {
    const { stage } = await compared({}, { layers: 9 });
    expect(stage.perLayer!.pct).toBeCloseTo(0, 0);
    expect(stage.verdict.text).toMatch(/Per layer: /);
  });

  test("times per token where prefills differ", async () => {
    const { diff, stage } = await compared(
      { label: "step[EXTEND bs=2 toks=1000]" },
      {
        label: "step[EXTEND bs=2 toks=2000]",
        layer: { us: { gemm: 60, attention: 50, moe: 100 } },
      },
    );
    expect(codes(diff)).toEqual(["diff/tokens"]);
    expect(Math.abs(stage.perToken!.pct!)).toBeLessThan(6);
  });

  test("neither per token nor per layer where nothing differs", async () => {
    const { stage } = await compared({}, {});
    expect([stage.perToken, stage.perLayer]).toEqual([null, null]);
  });
});

describe("pairing", () => {
  test("a kernel of unknown name is paired by its place, and rules about it are not judged", async () => {
    const { stage } = await compared({}, { layer: { norm: "zk_31b7", us: { norm: 9 } } });
    const replaced = stage.kernels.find(({ change }) => change === "replaced");
    expect(replaced?.after?.name).toBe("zk_31b7");
    expect(stage.rules.map(({ change }) => change)).not.toContain("lost");
  });

  test("work outside the steps is no work of a step", async () => {
    const { stage } = await compared({}, { first: [{ do: "side-copy", us: 9000 }] });
    expect(stage.verdict.change).not.toBe("slower");
  });
});

test("one layer of six that takes longer is told, though the median launch is as it was", async () => {
  const usIn = (layer: number) => (layer === 3 ? { moe: 110 } : {});
  const { stage } = await compared({}, { usIn });
  expect(news(stage)).toEqual(["slower fused_moe_ke"]);
  expect(stage.kernels[0]!.perStepDeltaUs).toBeCloseTo(60, 0);
  expect(stage.verdict.text).toMatch(
    /some launches of fused_moe_kernel slower, \d+\.\d% of its time in a step \(\+\d\d\.\d µs a step\)/,
  );
  const back = await compared({ usIn }, {});
  expect(news(back.stage)).toEqual(["faster fused_moe_ke"]);
});

test("deeper models have more gaps, which is no news", async () => {
  const { stage } = await compared({ layers: 6 }, { layers: 8 });
  expect(stage.perLayer).not.toBeNull();
  expect(stage.verdict.text).not.toMatch(/idle/);
});

test("no copy on the device takes the place of one to the host", async () => {
  const copy = (name: string) => ({ more: [{ do: "kernel", name, us: 3 } as const] });
  const { stage } = await compared(
    { layer: copy("Memcpy DtoH (Device -> Pinned)"), before: [{ do: "late-host", us: 80 }] },
    { layer: copy("Memcpy DtoD (Device -> Device)") },
  );
  expect(news(stage).sort()).toEqual(["appeared Memcpy DtoD ", "vanished Memcpy DtoH "]);
  expect(stage.verdict.text).toMatch(/copies to the host, for which it waits, went 6 → 0 a step/);
});

test("copies to the host that vanish are told with the idle time they made", async () => {
  const synced: Run = {
    before: [
      { do: "kernel", name: "Memcpy DtoH (Device -> Pageable)", us: 3 },
      { do: "late-host", us: 80 },
    ],
  };
  const { stage } = await compared(synced, {});
  expect(stage.verdict.change).toBe("faster");
  expect(stage.verdict.text).toMatch(/idle −8\d\.\d µs a step.*copies to the host.* 1 → 0/);
});

test("the percentage is of before, of the metric the table shows", async () => {
  const { stage } = await compared({}, { layer: { us: { moe: 75 } } });
  const metric = stage.metrics.find(({ metric: name }) => name === stage.verdict.by)!;
  expect(stage.verdict.pct).toBe(metric.pct);
  expect(metric.pct).toBeCloseTo((100 * metric.deltaUs) / metric.before.medianUs, 6);
});
