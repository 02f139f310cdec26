/**
 * Traces on demand, for tests and examples. `traceSpec` says what is served and what to leave out;
 * an engine describes the calls; `record.ts` plays them; `variants.ts` and `damage.ts` spoil the
 * result; `write.ts` puts it on disk. Everything is drawn from the seed: no clock, no chance.
 */
import type { Call } from "./calls.ts";
import { onAmd } from "./engines/amd.ts";
import { hf } from "./engines/hf.ts";
import { sglang } from "./engines/sglang.ts";
import { tokenspeed } from "./engines/tokenspeed.ts";
import { trtllm } from "./engines/trtllm.ts";
import { vllm } from "./engines/vllm.ts";
import { GPUS } from "./machine.ts";
import { record, recordTogether } from "./record.ts";
import { type Scene, TIMING } from "./scene.ts";
import type { Engine, EngineName, TraceSpec } from "./spec.ts";
import type { SynthTrace } from "./trace.ts";

export const ENGINES: Record<EngineName, Engine> = { sglang, vllm, trtllm, tokenspeed, hf };

/** One trace: rank 0 of the job described. */
export function synthesise(spec: TraceSpec): SynthTrace {
  return record(scene(spec, 0, ENGINES[spec.engine].session(spec)));
}

/** The traces of all ranks of one job; its collectives wait for each other. */
export function synthesiseRanks(spec: TraceSpec): SynthTrace[] {
  const calls = ENGINES[spec.engine].session(spec);
  return recordTogether(Array.from({ length: spec.tp }, (_, rank) => scene(spec, rank, calls)));
}

/** What a profiler records while the graph for `batchSize` is captured: launches, no kernels. */
export function synthesiseCapture(spec: TraceSpec, batchSize: number, rank = 0): SynthTrace {
  return record(
    scene({ ...spec, seed: spec.seed + 77 }, rank, ENGINES[spec.engine].capture(spec, batchSize)),
  );
}

/** A scene from any call tree, for tests that describe their own work. */
export function scene(spec: TraceSpec, rank: number, calls: readonly Call[]): Scene {
  const engine = ENGINES[spec.engine];
  return {
    seed: spec.seed * 1_000 + rank,
    gpu: GPUS[spec.gpu],
    device: spec.gpu === "mi300x" ? rank + 2 : rank,
    devices: Math.max(spec.tp, 1),
    rank,
    worldSize: spec.tp,
    pid: engine.pid + rank,
    processName: engine.processName,
    streams: engine.streams,
    timing: { ...TIMING, ...spec.timing },
    slower: { ...spec.slower, ...spec.slowerByRank[rank] },
    baseUs: 7_764_763_344_373 + spec.startUs,
    baseTimeNs: 1_775_078_550_000_000_000n,
    firstCorrelation: 816_044 + spec.seed * 13,
    firstExternalId: 109_057 + spec.seed * 7,
    firstPythonId: 1_094_810 + spec.seed * 11,
    skewNs: spec.skewNs[rank] ?? 0,
    stacks: spec.stacks,
    shapes: spec.shapes,
    idleThread: engine.idleThread,
    traceName: `/tmp/tmp${(spec.seed * 7919 + rank).toString(36)}.json`,
    calls: spec.gpu === "mi300x" ? onAmd(calls) : calls,
  };
}
