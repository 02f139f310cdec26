import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTrace } from "../../src/ingest/read-trace.ts";
import { restrictTrace } from "../../src/ingest/restrict-trace.ts";
import type { Trace } from "../../src/model/trace/trace.ts";

interface Kernel {
  readonly name: string;
  readonly pid: number | string;
  readonly device: number;
  readonly host: number;
}

/** Kernels launched one by one, each by its own host process; correlations count per host. */
async function traceOf(kernels: readonly Kernel[]): Promise<Trace> {
  const next = new Map<string, number>();
  const traceEvents = kernels.flatMap(({ name, pid, device, host }, index) => {
    const owner = typeof pid === "string" ? pid : "";
    const correlation = (next.get(owner) ?? 0) + 1;
    next.set(owner, correlation);
    const ts = 100 * index;
    return [
      {
        ph: "X",
        cat: "cuda_runtime",
        name: "cudaLaunchKernel",
        pid: host,
        tid: host,
        ts,
        dur: 5,
        args: { correlation },
      },
      {
        ph: "X",
        cat: "kernel",
        name,
        pid,
        tid: 7,
        ts: ts + 10,
        dur: 20,
        args: { device, stream: 7, correlation },
      },
    ];
  });
  const file = join(mkdtempSync(join(tmpdir(), "restrict-")), "t.json");
  writeFileSync(file, JSON.stringify({ schemaVersion: 1, traceEvents }));
  return readTrace(file);
}

const names = (trace: Trace) => [...trace.gpu.name].map((name) => trace.kernelNames[name]!.raw);

test("nothing asked, nothing changed", async () => {
  const trace = await traceOf([{ name: "a", pid: 0, device: 0, host: 1 }]);
  expect(restrictTrace(trace, { device: null, pidSubstring: null })).toBe(trace);
});

test("one device of two", async () => {
  const trace = await traceOf([
    { name: "a", pid: 0, device: 0, host: 1 },
    { name: "b", pid: 1, device: 1, host: 1 },
  ]);
  expect(names(restrictTrace(trace, { device: 1, pidSubstring: null }))).toEqual(["b"]);
});

test("one process by its launches", async () => {
  const trace = await traceOf([
    { name: "a", pid: 0, device: 0, host: 4711 },
    { name: "b", pid: 0, device: 0, host: 4712 },
  ]);
  expect(names(restrictTrace(trace, { device: null, pidSubstring: "4712" }))).toEqual(["b"]);
});

test("one rank of a merged file by its lane, although correlations repeat", async () => {
  const trace = await traceOf([
    { name: "a", pid: "[TP00] 0", device: 0, host: 1 },
    { name: "b", pid: "[TP01] 0", device: 0, host: 2 },
  ]);
  expect(names(restrictTrace(trace, { device: null, pidSubstring: "TP01" }))).toEqual(["b"]);
});

test("asking for what is not there names what is", async () => {
  const trace = await traceOf([{ name: "a", pid: 0, device: 3, host: 1 }]);
  expect(() => restrictTrace(trace, { device: 5, pidSubstring: null })).toThrow(
    expect.objectContaining({
      code: "trace/nothing-left",
      hint: expect.stringContaining("devices 3"),
    }),
  );
});
