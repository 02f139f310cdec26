import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { perfettoTrace } from "../../src/commands/perfetto.ts";
import { analyze } from "../../src/commands/triage.ts";
import { type AnalyzeResult, DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { builtCommand, runCommand } from "../support/built-cli.ts";
import { type ChromeEvent, readChromeTrace } from "../support/chrome-trace.ts";
import { hasSharedTraces, sharedTraces } from "../support/shared-traces.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const analyzed = (...inputs: string[]): Promise<AnalyzeResult> =>
  analyze({ ...DEFAULT_ANALYZE_OPTIONS, inputs, rulesPath: "rules", spans: true });

async function textOf(result: AnalyzeResult, full = false): Promise<string> {
  const parts: Buffer[] = [];
  for await (const piece of perfettoTrace(result, full)) parts.push(Buffer.from(piece));
  return Buffer.concat(parts).toString();
}

const sumOf = (slices: readonly ChromeEvent[]): number =>
  slices.reduce((sum, { duration }) => sum + Number(duration), 0);

const GPU = new Set(["kernel", "gpu_memcpy", "gpu_memset"]);

/** Everything that must hold whatever was recorded. */
async function checkSlim(result: AnalyzeResult): Promise<void> {
  const stages = result.spans.flatMap((spans) => spans.stages);
  const gpus = result.spans.map(({ graph }) => graph.trace.gpu);
  const trace = readChromeTrace(await textOf(result));
  expect(trace.faults).toEqual([]);
  const kernels = trace.events.filter(({ ph, cat }) => ph === "X" && GPU.has(cat ?? ""));
  expect(kernels).toHaveLength(gpus.reduce((sum, { count }) => sum + count, 0));
  expect(sumOf(kernels)).toBe(
    gpus.reduce((sum, { duration }) => sum + duration.reduce((a, b) => a + b, 0), 0),
  );
  const starts = new Set(kernels.map(({ start }) => start));
  for (const { graph } of result.spans)
    expect(starts).toContain(
      BigInt(graph.trace.baseUs) * 1000n + BigInt(graph.trace.gpu.start[0]!),
    );
  // What the tables add up is what the tracks show.
  const timelines = result.reports[0]!.stages.map(({ timeline }) => timeline);
  for (const cause of ["host-launch", "synchronisation", "graph-launch", "hole", "other"]) {
    const shown = trace.slicesOf("idle").filter(({ name }) => name === cause);
    const told = timelines.flatMap(({ idleCauses }) =>
      idleCauses.filter((it) => it.cause === cause),
    );
    expect(sumOf(shown) / 1000).toBeCloseTo(
      told.reduce((sum, { us }) => sum + us, 0),
      3,
    );
  }
  const windows = stages.flatMap((stage) => stage.windows);
  for (const { rule } of windows)
    expect(trace.slicesOf(`${rule.kind}: ${rule.id}`)).toHaveLength(
      windows.filter((other) => other.rule.id === rule.id).length,
    );
}

const examples = readdirSync("examples").filter(
  (name) => name !== "README.md" && name !== "mapping-formal",
);

describe("the GPU's part with the findings", () => {
  test.each(examples)("examples/%s", async (name) => {
    await checkSlim(await analyzed(join("examples", name)));
  });

  test("names the findings, their sources and the code", async () => {
    const trace = readChromeTrace(await textOf(await analyzed("examples/sglang-tp2-decode")));
    const stores = trace.slicesOf("fusion: sgl-fused-qk-norm-rope-store");
    expect(stores).toHaveLength(72);
    expect(stores[0]!.args).toMatchObject({ state: "split", status: "mainline", kernels: 4 });
    expect(String(stores[0]!.args.source)).toMatch(/^https:\/\/github\.com\/sgl-project\/sglang\//);
    expect(trace.slicesOf("stage").map(({ name }) => name)).toContain("decode");
    expect(trace.slicesOf("layer").length).toBeGreaterThan(10);
    const located = trace.events.filter(({ args }) => args["Python location"] !== undefined);
    expect(located.length).toBeGreaterThan(100);
  });

  test("hostile names stay inside their texts", async () => {
    const name = '</script>"\\\u202e\u0007,{"ph":"X"';
    const ts = 1_000_000;
    const kernel = { ph: "X", cat: "kernel", name, pid: 0, tid: 7, ts, dur: 5 };
    const text = JSON.stringify({ traceEvents: [{ ...kernel, args: { device: 0, stream: 7 } }] });
    const folder = temporaryFolder({ "rank0.json": text });
    const out = await textOf(await analyzed(join(folder, "rank0.json")));
    const trace = readChromeTrace(out);
    expect(trace.faults).toEqual([]);
    expect(trace.events.some(({ args }) => args.kernel === name)).toBe(true);
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

test.each([
  ["1788220000000000000", '"baseTimeNanoseconds":1788220000000000000,'],
  ["1.5e9", ""],
  ["Infinity", ""],
  ["NaN", ""],
  ["007", ""],
  ["-5", ""],
])("a base of %s is handed on where it is a time", async (base, expected) => {
  const event = { ph: "X", cat: "kernel", name: "k", pid: 0, tid: 7, ts: 1, dur: 2 };
  const args = { device: 0, stream: 7, correlation: 1 };
  const folder = temporaryFolder({
    "TP-0.trace.json": JSON.stringify({
      baseTimeNanoseconds: base,
      traceEvents: [{ ...event, args }],
    }),
  });
  const text = await textOf(await analyzed(join(folder, "TP-0.trace.json")));
  expect(() => JSON.parse(text)).not.toThrow();
  expect(text.split("\n")[0]).toBe(`{"displayTimeUnit":"ns",${expected}"traceEvents":[`);
});

describe("the recorded trace with the findings", () => {
  test.each(["vllm-eager", "sglang-tp2-prefill"])("examples/%s", async (name) => {
    const result = await analyzed(join("examples", name));
    const { path } = result.spans[0]!.graph.trace.origin;
    const before = JSON.parse(gunzipSync(readFileSync(path)).toString());
    const after = JSON.parse(await textOf(result, true));
    const added = after.traceEvents.length - before.traceEvents.length;
    const slim = JSON.parse(await textOf(result));
    expect(after).toEqual({
      ...before,
      traceEvents: [...slim.traceEvents, ...before.traceEvents],
    });
    expect(added).toBe(slim.traceEvents.length);
  });

  test("is for one sound trace", async () => {
    const two = await analyze({
      ...DEFAULT_ANALYZE_OPTIONS,
      inputs: ["examples/sglang-tp2-prefill"],
      allRanks: true,
      rulesPath: "rules",
      spans: true,
    });
    expect(() => perfettoTrace(two, true)).toThrow(/one recorded trace/);
    const { events, faults } = readChromeTrace(await textOf(two));
    expect(faults).toEqual([]);
    expect(
      events.flatMap(({ name, args }) => (name === "process_name" ? [args.name] : [])),
    ).toEqual([
      "fuse-triage: Findings of rank 0",
      "fuse-triage: GPU 0 of rank 0",
      "fuse-triage: Findings of rank 1",
      "fuse-triage: GPU 1 of rank 1",
    ]);
  });
});

describe("on the command line", () => {
  const triage = builtCommand("triage");

  test("a name that ends in .gz is packed, and the same run gives the same bytes", () => {
    const folder = dirname(join(temporaryFolder({ "keep.txt": "" }), "keep.txt"));
    const run = (file: string): Buffer => {
      const path = join(folder, file);
      const args = ["examples/vllm-eager", "--format", "perfetto", "--output", path];
      expect(runCommand(triage, args)).toEqual({ code: 0, out: "", err: "" });
      return readFileSync(path);
    };
    const plain = run("a.json");
    expect(gunzipSync(run("b.json.gz")).equals(plain)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["a.json", "b.json.gz", "keep.txt"]);
  });

  test("--full belongs to it", () => {
    const { code, err } = runCommand(triage, ["examples/vllm-eager", "--full"]);
    expect(code).toBe(2);
    expect(err).toContain("--format perfetto");
  });
});

describe.skipIf(!hasSharedTraces)("real traces (skipped where ../shared/traces is missing)", () => {
  const withGpu = sharedTraces().filter(
    (path) => !path.includes("capture_traces") && !path.includes("cpu-only"),
  );
  test.each(withGpu)("%s", async (path) => {
    await checkSlim(await analyzed(path));
  });
});
