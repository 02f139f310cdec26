import { eventText, traceChunks } from "./serialise.ts";
import type { Json, SynthEvent, SynthTrace } from "./trace.ts";

/**
 * One trace's events over and over, later and later, with ids that go on: a trace of any size in
 * the memory of one copy. Every copy's kernel names differ a little where tiles or instance
 * numbers differ in reality, so that interning is not let off lightly.
 */
export function* replicatedChunks(
  trace: SynthTrace,
  enough: { copies: number } | { bytes: number },
): Generator<string> {
  const period = 1_000_000 + Math.max(...trace.events.map((event) => event.ts + (event.dur ?? 0)));
  const idStep = idSpan(trace);
  const [opening, closing] = frameOf(trace);
  yield opening;
  let written = 0;
  for (let copy = 0; !done(enough, copy, written); copy++) {
    let chunk = "";
    for (const event of trace.events) {
      const separator = copy === 0 && written === 0 && chunk === "" ? "" : ",\n";
      chunk += separator + eventText(later(event, copy, period, idStep), trace.baseUs);
      if (chunk.length < 65_536) continue;
      written += chunk.length;
      yield chunk;
      chunk = "";
    }
    written += chunk.length;
    yield chunk;
  }
  yield closing;
}

function done(
  enough: { copies: number } | { bytes: number },
  copy: number,
  written: number,
): boolean {
  return "copies" in enough ? copy >= enough.copies : written >= enough.bytes;
}

function frameOf(trace: SynthTrace): [opening: string, closing: string] {
  const empty = [...traceChunks({ ...trace, events: [] })].join("");
  const split = empty.indexOf("\n  ]");
  return [empty.slice(0, split), empty.slice(split)];
}

const ID_KEYS = ["External id", "correlation", "Python id", "Python parent id", "Ev Idx"] as const;

function idSpan(trace: SynthTrace): number {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const { args } of trace.events)
    for (const key of ID_KEYS) {
      const id = args?.[key];
      if (typeof id !== "number") continue;
      low = Math.min(low, id);
      high = Math.max(high, id);
    }
  return high - low + 1;
}

function later(event: SynthEvent, copy: number, period: number, idStep: number): SynthEvent {
  if (copy === 0 || event.ph === "M") return event;
  const moved: SynthEvent = { ...event, ts: event.ts + copy * period };
  if (event.id !== undefined) moved.id = event.id + copy * idStep;
  if (event.args !== undefined) {
    const args: Record<string, Json> = { ...event.args };
    for (const key of ID_KEYS)
      if (typeof args[key] === "number") args[key] = args[key] + copy * idStep;
    moved.args = args;
  }
  if (event.cat === "kernel") moved.name = varied(event.name, copy);
  return moved;
}

/** Tile sizes of GEMM names wander with shapes; every seventh copy has its own. */
function varied(name: string, copy: number): string {
  const tiles = [64, 128, 192, 256];
  return name.replace(/^(nvjet_\w+?_)\d+x/, `$1${tiles[Math.floor(copy / 7) % tiles.length]}x`);
}
