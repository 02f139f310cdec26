import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readTrace } from "../../src/ingest/read-trace.ts";
import { hasSharedTraces, sharedTraces } from "../support/shared-traces.ts";

interface RawEvent {
  readonly ph: string;
  readonly cat?: string;
  readonly name: string;
  readonly dur?: number;
}

/** Counted without any of our code: name → how often, and how long in all (ns). */
function totals(events: Iterable<readonly [string, number]>): Map<string, [number, number]> {
  const byName = new Map<string, [number, number]>();
  for (const [name, ns] of events) {
    const [count, sum] = byName.get(name) ?? [0, 0];
    byName.set(name, [count + 1, sum + ns]);
  }
  return byName;
}

describe.skipIf(!hasSharedTraces)("columns against a plain count (needs ../shared/traces)", () => {
  test.each(sharedTraces())("%s", async (path) => {
    const raw = JSON.parse(gunzipSync(readFileSync(path)).toString()) as {
      traceEvents: readonly RawEvent[];
    };
    const trace = await readTrace(path);
    const { strings, kernelNames, gpu, launches, ops, frames, origin } = trace;
    const inFile = (...categories: string[]): Map<string, [number, number]> =>
      totals(
        raw.traceEvents
          .filter(({ ph, cat }) => ph === "X" && categories.includes(cat ?? ""))
          .map(({ name, dur }) => [name, Math.round(dur! * 1000)]),
      );
    const inColumns = (
      table: { readonly name: Uint32Array; readonly duration: Float64Array },
      texts: readonly string[],
    ): Map<string, [number, number]> =>
      totals([...table.name].map((name, row) => [texts[name]!, table.duration[row]!]));

    const raws = kernelNames.map((name) => name.raw);
    expect(inColumns(gpu, raws)).toEqual(inFile("kernel", "gpu_memcpy", "gpu_memset"));
    expect(inColumns(launches, strings)).toEqual(inFile("cuda_runtime", "cuda_driver"));
    expect(inColumns(ops, strings)).toEqual(inFile("cpu_op"));
    expect(inColumns(frames, strings)).toEqual(inFile("python_function"));
    expect(origin).toMatchObject({ events: raw.traceEvents.length, unreadable: 0, complete: true });
  });
});
