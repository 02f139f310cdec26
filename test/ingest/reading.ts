import { TraceBuilder } from "../../src/ingest/columns/trace-builder.ts";
import type { EventReader } from "../../src/ingest/reader/event-reader.ts";
import { FastReader } from "../../src/ingest/reader/fast-reader.ts";
import { ReferenceReader } from "../../src/ingest/reader/reference-reader.ts";
import { READERS, type ReaderName } from "../../src/model/options.ts";
import type { Trace } from "../../src/model/trace/trace.ts";

export { READERS };

export interface Reading {
  readonly trace: Trace;
  readonly reader: EventReader;
}

/** Reads a document from memory, cut into chunks at the given places. */
export function readDocument(
  document: string | Uint8Array,
  name: ReaderName = "fast",
  cuts: readonly number[] = [],
): Reading {
  const bytes = typeof document === "string" ? Buffer.from(document) : document;
  const builder = new TraceBuilder();
  const reader = name === "fast" ? new FastReader(builder) : new ReferenceReader(builder);
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  let from = 0;
  for (const to of places) {
    // A chunk of its own memory: nothing beyond it may be looked at.
    if (to > from) reader.push(Uint8Array.from(bytes.subarray(from, to)));
    from = to;
  }
  reader.end();
  const origin = {
    path: "memory",
    role: "input",
    rank: null,
    rankFrom: null,
    bytes: bytes.length,
    complete: reader.damage === null,
    isCut: false,
    damage: null,
  } as const;
  return { trace: builder.finish(origin, reader.head), reader };
}

/** A trace of these events, everything else being Kineto's usual. */
export function documentOf(events: readonly unknown[], head: object = {}): string {
  return JSON.stringify({ schemaVersion: 1, ...head, traceEvents: events }, null, 2);
}
