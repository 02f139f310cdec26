import { TraceBuilder } from "../../src/ingest/columns/trace-builder.ts";
import type { EventRow } from "../../src/ingest/events/event-row.ts";
import type { EventReader } from "../../src/ingest/reader/event-reader.ts";
import { FastReader } from "../../src/ingest/reader/fast-reader.ts";
import { ReferenceReader } from "../../src/ingest/reader/reference-reader.ts";
import type { Trace } from "../../src/model/trace/trace.ts";

/** What one reader makes of a document, comparable with what another one makes of it. */
export interface Outcome {
  /** Null where the document is no trace. */
  readonly trace: Trace | null;
  /** Every element in order, texts and ids spelled out; "unreadable" for those that are no event. */
  readonly rows: readonly string[];
  readonly damage: string | null;
  readonly verdict: "trace" | "no-events" | "not-json";
}

export interface Contender {
  readonly name: string;
  /** Stops at the first thing that is not JSON, where the others go on. */
  readonly stopsAtDamage: boolean;
  /** @param places where the bytes are cut into chunks, ascending. */
  read(bytes: Uint8Array, places: readonly number[]): Promise<Outcome>;
}

/** The reader under test first; whoever joins it must say the same. */
export const CONTENDERS: readonly Contender[] = [
  inMemory("fast", (builder) => new FastReader(builder), false),
  inMemory("reference", (builder) => new ReferenceReader(builder), true),
];

function inMemory(
  name: string,
  open: (builder: TraceBuilder) => EventReader,
  stopsAtDamage: boolean,
): Contender {
  return {
    name,
    stopsAtDamage,
    read: async (bytes, places) => {
      const builder = new RecordingBuilder();
      const reader = open(builder);
      let from = 0;
      for (const to of [...places, bytes.length]) {
        if (reader.stopped) break;
        // A chunk of its own memory: nothing beyond it may be looked at.
        if (to > from) reader.push(Uint8Array.from(bytes.subarray(from, to)));
        from = to;
      }
      reader.end();
      const { rows } = builder;
      const { damage } = reader;
      const verdict = verdictOf(reader, builder);
      const trace = verdict === "trace" ? finished(builder, reader, bytes.length) : null;
      return { trace, rows, damage, verdict };
    },
  };
}

function verdictOf(reader: EventReader, builder: TraceBuilder): Outcome["verdict"] {
  if (!reader.sawEvents) return reader.notJsonAt === null ? "no-events" : "not-json";
  return builder.events > 0 && !builder.sawEvent ? "no-events" : "trace";
}

function finished(builder: TraceBuilder, reader: EventReader, bytes: number): Trace {
  const origin = {
    path: "memory",
    role: "input",
    rank: null,
    rankFrom: null,
    bytes,
    complete: reader.damage === null,
    isCut: false,
    damage: null,
  } as const;
  return builder.finish(origin, reader.head);
}

const TEXTS = ["category", "name", "pid", "tid", "stream", "kernel", "detail", "label"] as const;
const LISTS = ["waitOnStream", "grid", "block", "shapes", "types", "collective"] as const;
const IDS = ["correlation", "externalId", "graphId", "graphNodeId"] as const;
const NUMBERS = ["phase", "us", "ns", "duration", "device", "bytes"] as const;

class RecordingBuilder extends TraceBuilder {
  readonly rows: string[] = [];

  override add(row: EventRow): void {
    this.rows.push(this.spelled(row));
    super.add(row);
  }

  override addUnreadable(): void {
    this.rows.push("unreadable");
    super.addUnreadable();
  }

  private spelled(row: EventRow): string {
    const id = (value: number): string =>
      value <= -2 ? this.texts.text(-2 - value) : String(value);
    return [
      ...[...TEXTS, ...LISTS].map((field) => this.texts.text(row[field])),
      ...IDS.map((field) => id(row[field])),
      ...NUMBERS.map((field) => String(row[field])),
    ].join("\u0001");
  }
}
