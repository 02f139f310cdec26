import type { LayerPlan } from "../../model/trace/kernel-graph.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { codeOf, mark, type Pass } from "./forward-pass.ts";
import { GROUND_NAMES } from "./grounds.ts";
import type { Part } from "./kinds.ts";
import { type PassEnd, readPass } from "./read-pass.ts";

/** What reading a stage needs of it. */
export interface StageRows {
  readonly events: Uint32Array;
  readonly layers: Pick<LayerPlan, "period" | "layerOf" | "positionOf"> | null;
}

/**
 * Marks the rows of a stage with the ground that tells their role, 0 where none does. Passes are
 * read stream by stream and step by step; what swapped timestamps kept from being told in one layer
 * is told by the same kernel's place in the others.
 */
export function markStage(
  trace: Trace,
  stage: StageRows,
  stepOf: Int32Array,
  symbolOf: Uint32Array,
  parts: readonly Part[],
  marks: Uint8Array,
): void {
  const ends: PassEnd[] = [];
  for (const pass of passesOf(trace, stage.events, stepOf, symbolOf, parts, marks)) {
    const end = readPass(pass);
    if (end !== null) ends.push(end);
  }
  markEnds(ends, stage.events, symbolOf, marks);
  if (stage.layers !== null) {
    markRouting(stage.events, stage.layers, symbolOf, parts, marks);
    lendInLayers(stage.events, stage.layers, symbolOf, marks);
  }
  markReductions(trace, stage.events, symbolOf, parts, marks);
}

/** Fewer kernels are no forward pass. */
const SHORTEST_PASS = 4;

function passesOf(
  trace: Trace,
  events: Uint32Array,
  stepOf: Int32Array,
  symbolOf: Uint32Array,
  parts: readonly Part[],
  marks: Uint8Array,
): Pass[] {
  const runs = new Map<number, number[]>();
  const streams = trace.streams.length;
  for (const row of events) {
    const key = (stepOf[row]! + 1) * streams + trace.gpu.stream[row]!;
    const rows = runs.get(key);
    if (rows === undefined) runs.set(key, [row]);
    else rows.push(row);
  }
  return [...runs.values()].flatMap((rows) => {
    const passes: Pass[] = [];
    let from = 0;
    for (let at = 0; at <= rows.length; at++) {
      const isSampled = at < rows.length && parts[symbolOf[rows[at]!]!]!.kind === "sample";
      if (at < rows.length && !isSampled) continue;
      const own = rows.slice(from, at);
      from = at + 1;
      if (own.length < SHORTEST_PASS) continue;
      passes.push({ rows: own, parts: own.map((row) => parts[symbolOf[row]!]!), isSampled, marks });
    }
    return passes;
  });
}

/**
 * A final norm and a head are what they look like if logits are sampled next, or if the head's
 * kernel plays no part in any layer: a trace that was cut after a QKV projection ends the same way.
 */
function markEnds(
  ends: readonly PassEnd[],
  events: Uint32Array,
  symbolOf: Uint32Array,
  marks: Uint8Array,
): void {
  const inLayers = new Set<number>();
  for (const row of events) if (marks[row] !== 0) inLayers.add(symbolOf[row]!);
  for (const { pass, norm, head } of ends) {
    if (!pass.isSampled && inLayers.has(symbolOf[pass.rows[head]!]!)) continue;
    for (const at of norm) if (!pass.parts[at]!.isMixing) mark(pass, at, "finalNorm");
    mark(pass, head, "lmHead");
  }
}

/**
 * Sorts and top-k of torch in layers with experts choose and order experts, unless the layer draws
 * tokens as well (the period is then a whole pass) or chooses keys for sparse attention.
 */
function markRouting(
  events: Uint32Array,
  { layerOf }: NonNullable<StageRows["layers"]>,
  symbolOf: Uint32Array,
  parts: readonly Part[],
  marks: Uint8Array,
): void {
  const inLayers: number[] = [];
  for (const [entry, row] of events.entries()) if (layerOf[entry]! >= 0) inLayers.push(row);
  const kinds = new Set(inLayers.map((row) => parts[symbolOf[row]!]!.kind));
  if (!kinds.has("expert") || kinds.has("sample") || kinds.has("index")) return;
  for (const row of inLayers) {
    const { kind } = parts[symbolOf[row]!]!;
    if (kind === "choose") marks[row] = codeOf("chooseExperts");
    else if (kind === "sort") marks[row] = codeOf("sortByExpert");
  }
}

/** A symbol that has one role wherever a layer shows it has that role in every layer. */
function lendInLayers(
  events: Uint32Array,
  { layerOf }: NonNullable<StageRows["layers"]>,
  symbolOf: Uint32Array,
  marks: Uint8Array,
): void {
  const known = new Map<
    number,
    { mark: number; role: string | null; told: number; seen: number }
  >();
  for (const [entry, row] of events.entries()) {
    if (layerOf[entry]! < 0) continue;
    const symbol = symbolOf[row]!;
    const one = known.get(symbol) ?? { mark: 0, role: null, told: 0, seen: 0 };
    one.seen++;
    const code = marks[row]!;
    if (code !== 0) {
      one.told++;
      if (one.mark !== 0 && GROUND_NAMES[one.mark - 1] !== GROUND_NAMES[code - 1]) one.mark = -1;
      else if (one.mark === 0) one.mark = code;
    }
    known.set(symbol, one);
  }
  for (const [entry, row] of events.entries()) {
    if (layerOf[entry]! < 0 || marks[row] !== 0) continue;
    const { mark: code, told, seen } = known.get(symbolOf[row]!)!;
    if (code > 0 && told * 2 > seen) marks[row] = code;
  }
}

/** Second launches take the mark of the GEMM before them on their stream. */
function markReductions(
  trace: Trace,
  events: Uint32Array,
  symbolOf: Uint32Array,
  parts: readonly Part[],
  marks: Uint8Array,
): void {
  const lastGemm = new Map<number, number>();
  for (const row of events) {
    const { kind } = parts[symbolOf[row]!]!;
    const stream = trace.gpu.stream[row]!;
    if (kind === "gemm") lastGemm.set(stream, row);
    else if (kind === "reduce") marks[row] = marks[lastGemm.get(stream) ?? row]!;
    else if (kind !== "copy" && kind !== "other") lastGemm.delete(stream);
  }
}
