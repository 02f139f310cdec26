import { expect, test } from "vitest";
import { DEFAULT_PROBE_OPTIONS, probeServer } from "../../src/capture/probe.ts";
import { double, testClock } from "../support/doubles/capture-from.ts";

const clock = testClock();

test.each(["sglang", "vllm", "trtllm", "tokenspeed"] as const)(
  "%s answers with text; nothing is profiled",
  async (framework) => {
    const server = await double({ framework });
    const report = await probeServer({ ...DEFAULT_PROBE_OPTIONS, url: server.url }, { clock });
    expect(report).toMatchObject({
      framework,
      requests: 6,
      answered: 6,
      empty: 0,
      failed: 0,
      errors: [],
    });
    expect(report.latencyMs!.min).toBeLessThanOrEqual(report.latencyMs!.median);
    expect(report.samples).toHaveLength(3);
    expect(server.calls.some(({ path }) => path.endsWith("_profile"))).toBe(false);
  },
);

test("no text and no answer are counted apart", async () => {
  const silent = await double({ framework: "vllm" });
  const empty = await probeServer(
    { ...DEFAULT_PROBE_OPTIONS, url: silent.url, outputTokens: 0 },
    { clock },
  );
  expect(empty).toMatchObject({ answered: 0, empty: 6, failed: 0, latencyMs: null });
  const small = await double({ framework: "vllm", faults: { contextLimit: 8 } });
  const failing = await probeServer({ ...DEFAULT_PROBE_OPTIONS, url: small.url }, { clock });
  expect(failing).toMatchObject({ answered: 0, failed: 6 });
  expect(failing.errors).toHaveLength(1);
  expect(failing.errors[0]).toContain("maximum context length");
});

test("a server that is not there is an error of the call", async () => {
  await expect(
    probeServer({ ...DEFAULT_PROBE_OPTIONS, url: "127.0.0.1:9" }, { clock }),
  ).rejects.toMatchObject({
    code: "capture/unreachable",
  });
});
