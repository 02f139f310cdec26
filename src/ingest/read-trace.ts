import { EXIT, TriageError } from "../model/errors.ts";
import type { ReaderName } from "../model/options.ts";
import type { Trace, TraceOrigin } from "../model/trace/trace.ts";
import { release } from "./columns/release.ts";
import { TraceBuilder } from "./columns/trace-builder.ts";
import {
  type ForeignFile,
  foreignFile,
  guessForeign,
  TELLING_BYTES,
} from "./files/foreign-file.ts";
import { openSource, type Source, SourceDamage } from "./files/source.ts";
import type { EventReader } from "./reader/event-reader.ts";
import { FastReader } from "./reader/fast-reader.ts";

interface ReadOptions {
  /** `fast` by default; `reference` is stream-json, for cross-checking. */
  readonly reader?: ReaderName;
  readonly role?: TraceOrigin["role"];
  /** Rank and what told it, where the caller knows; the trace's own word outranks it. */
  readonly rank?: number | null;
  readonly rankFrom?: string | null;
  /** Refuse to read more decoded bytes than this. */
  readonly maxBytes?: number | null;
  /** Called after every megabyte or so with bytes of the file and events so far. */
  readonly onProgress?: ((bytesRead: number, totalBytes: number, events: number) => void) | null;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal | null;
}

/**
 * Reads one trace file (plain, gzip or zstd, of any size) into columns. A file that ends early or
 * breaks in the middle gives what it holds up to there, with `origin.complete` false and the
 * damage in words.
 *
 * @throws TriageError (exit 3) when the file cannot be read, is no JSON, or is JSON without events.
 */
export async function readTrace(path: string, options: ReadOptions = {}): Promise<Trace> {
  const source = await openSource(path);
  const builder = new TraceBuilder();
  const reader = await newReader(options.reader ?? "fast", builder);
  const { damage: sourceDamage, head } = await pump(source, reader, builder, options);
  if (!reader.sawEvents) throw noTrace(source, reader, sourceDamage, head);
  if (builder.events > 0 && !builder.sawEvent) throw noEvents(path, builder.events);
  const damage = sourceDamage ?? reader.damage;
  return builder.finish(
    {
      path,
      role: options.role ?? "input",
      rank: options.rank ?? null,
      rankFrom: options.rankFrom ?? null,
      bytes: source.bytesRead(),
      complete: damage === null,
      damage,
      isCut: (sourceDamage !== null && !reader.isWhole) || reader.isCut,
    },
    reader.head,
  );
}

/** The reference reader's libraries take longer to load than many a trace: only who asks pays. */
async function newReader(name: ReaderName, builder: TraceBuilder): Promise<EventReader> {
  if (name === "fast") {
    try {
      return new FastReader(builder);
    } catch (error) {
      // Its memory reserves gigabytes of addresses, which a limit such as ulimit -v does not grant.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  const { ReferenceReader } = await import("./reader/reference-reader.ts");
  return new ReferenceReader(builder);
}

interface Pumped {
  /** What was wrong with the stored bytes, null when nothing was. */
  readonly damage: string | null;
  /** The first decoded bytes. */
  readonly head: Uint8Array;
}

/** @throws TriageError when the first bytes are those of another kind of file. */
async function pump(
  source: Source,
  reader: EventReader,
  builder: TraceBuilder,
  options: ReadOptions,
): Promise<Pumped> {
  let decoded = 0;
  let damage: string | null = null;
  let head = new Uint8Array();
  try {
    for await (const chunk of source.chunks()) {
      options.signal?.throwIfAborted();
      if (head.length < TELLING_BYTES) {
        head = Buffer.concat([head, chunk.subarray(0, TELLING_BYTES)]);
        const foreign = foreignFile(head);
        if (foreign !== null) throw isForeign(source, foreign);
      }
      decoded += chunk.length;
      if (decoded > (options.maxBytes ?? Number.POSITIVE_INFINITY)) throw tooLarge(source, options);
      if (isBomb(decoded, source, options)) throw bomb(source);
      reader.push(chunk);
      // The collector would let a gigabyte of them pile up, and stop the reader again and again.
      if (chunk.length === chunk.buffer.byteLength) release(chunk);
      options.onProgress?.(source.bytesRead(), source.totalBytes, builder.events);
      if (reader.stopped) break;
    }
  } catch (error) {
    if (!(error instanceof SourceDamage)) throw error;
    damage = error.message;
  }
  reader.end();
  return { damage, head };
}

function isForeign({ path }: Source, { what, hint }: ForeignFile): TriageError {
  return unusable("trace/foreign-file", `${path} is ${what}.`, path, hint);
}

/**
 * Traces pack to a tenth or, very repetitive ones, a fiftieth. What unpacks to far more is made to
 * fill a memory: it is read only when a limit was named.
 */
const SUSPICIOUS_BYTES = 1 << 30;
const SUSPICIOUS_RATIO = 200;

function isBomb(decoded: number, source: Source, { maxBytes }: ReadOptions): boolean {
  return (
    (maxBytes ?? null) === null &&
    decoded > SUSPICIOUS_BYTES &&
    decoded > SUSPICIOUS_RATIO * source.bytesRead()
  );
}

function bomb({ path, totalBytes }: Source): TriageError {
  return new TriageError({
    code: "trace/too-large",
    exit: EXIT.unreadable,
    message: `${path} has ${totalBytes} bytes and unpacks to more than ${SUSPICIOUS_RATIO} times as many: that is no usual trace.`,
    place: path,
    hint: "Name a limit with --max-bytes, such as 20GiB, to read it all the same.",
  });
}

function tooLarge(source: Source, options: ReadOptions): TriageError {
  return new TriageError({
    code: "trace/too-large",
    exit: EXIT.unreadable,
    message: `${source.path} holds more than the ${options.maxBytes} bytes allowed.`,
    place: source.path,
    hint: "Raise the limit, or record fewer steps.",
  });
}

const RECORD_HINT =
  "Give a trace that torch.profiler exported (export_chrome_trace or an engine's profiler).";

function noTrace(
  source: Source,
  reader: EventReader,
  sourceDamage: string | null,
  head: Uint8Array,
): TriageError {
  const { path, totalBytes } = source;
  const at = reader.notJsonAt;
  const place = at === null ? path : `${path}: byte ${at}`;
  if (totalBytes === 0) {
    return unusable("trace/empty", `${path} is empty.`, path, "It may still be being written.");
  }
  if (sourceDamage !== null || (at === null && reader.damage !== null)) {
    const foreign = sourceDamage === null ? guessForeign(head) : null;
    if (foreign !== null) return isForeign(source, foreign);
    const damage = sourceDamage ?? reader.damage;
    const hint = "Copy it again, or wait until the profiler has finished writing it.";
    return unusable("trace/damaged", `${path}: ${damage}, before any event.`, place, hint);
  }
  if (at !== null) {
    const foreign = guessForeign(head);
    if (foreign !== null) return isForeign(source, foreign);
    const begins = beginning(head);
    const message = `${path} is not JSON (byte ${at})${begins === "" ? "" : `: it begins with "${begins}"`}.`;
    return unusable("trace/not-json", message, place, RECORD_HINT);
  }
  const keys = Object.keys(reader.head).slice(0, 6).join(", ");
  const seen = keys === "" ? "nothing" : keys;
  const message = `${path} is JSON, but has no traceEvents list: its keys are ${seen}.`;
  return unusable("trace/no-events", message, path, RECORD_HINT);
}

/** So much of a text tells what it is. */
const BEGINNING = 40;

/** The first words of a text; "" of bytes that are none. */
function beginning(head: Uint8Array): string {
  const text = Buffer.from(head.subarray(0, 2 * BEGINNING))
    .toString("latin1")
    .trimStart();
  const words = /^[ -~]*/.exec(text)![0];
  return words.length > BEGINNING ? `${words.slice(0, BEGINNING)}…` : words.trimEnd();
}

function noEvents(path: string, elements: number): TriageError {
  const message = `${path} is a list of ${elements} elements, none of which is an event.`;
  return unusable("trace/no-events", message, path, RECORD_HINT);
}

function unusable(code: string, message: string, place: string, hint: string): TriageError {
  return new TriageError({ code, exit: EXIT.unreadable, message, place, hint });
}
