import type { Trace, TraceOrigin } from "../../model/trace/trace.ts";
import { NO_ID } from "../../model/trace/units.ts";
import { withDistinctShorts } from "../../names/distinct-shorts.ts";
import { kernelName } from "../../names/kernel-name.ts";
import { DroppedEvents, Losses } from "../events/dropped-events.ts";
import { EventIds } from "../events/event-ids.ts";
import {
  type EventKind,
  isGpuCall,
  KIND,
  kindByContent,
  kindOfCategory,
} from "../events/event-kind.ts";
import type { EventRow } from "../events/event-row.ts";
import { ForeignEvents } from "../events/foreign-events.ts";
import { OpenEvents } from "../events/open-events.ts";
import { GrowingTable } from "./columns.ts";
import { NO_LANE, RankLabels, StreamLanes, ThreadLanes } from "./lanes.ts";
import { traceMetadata } from "./metadata.ts";
import { shiftToFirst } from "./start-times.ts";
import { Numbering, type TextId, TextTable } from "./text-table.ts";
import { ANNOTATIONS, FRAMES, GPU, LAUNCHES, OPS, SYNCS } from "./trace-tables.ts";

const COMPLETE = 0x58; // X
const BEGIN = 0x42; // B
const END = 0x45; // E
const METADATA = 0x4d; // M
const ASYNC_BEGIN = 0x62; // b
const ASYNC_END = 0x65; // e

/** More than there are texts: two ids make one number. */
const PAIRS = 2 ** 26;

/** So many of the first events tell where a trace lies in time. */
const ENOUGH_TIMES = 64;
const MOST_HELD = 2 ** 18;

/** What events of foreign categories lack. */
export const NO_LAUNCH = "CUDA or HIP launch";

/** Relative times stay exact up to here; a `ts` further from the first one is no time of this trace. */
const FARTHEST_US = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

type CountedByBuilder = "events" | "dropped" | "unreadable" | "losses" | "salvaged" | "processes";

/**
 * Collects the events of one file into columns: the one rule set of which events are kept and what
 * their columns hold, whatever reader found them.
 */
export class TraceBuilder {
  readonly texts = new TextTable();
  /** Elements seen, kept or not. */
  events = 0;
  unreadable = 0;
  /** Events whose elements were broken and that could be read all the same. */
  salvaged = 0;
  /** At least one element has a phase, as every event has. */
  sawEvent = false;

  readonly #gpu = new GrowingTable(GPU);
  readonly #launches = new GrowingTable(LAUNCHES);
  readonly #ops = new GrowingTable(OPS);
  readonly #frames = new GrowingTable(FRAMES);
  readonly #annotations = new GrowingTable(ANNOTATIONS);
  readonly #syncs = new GrowingTable(SYNCS);
  readonly #streams = new StreamLanes(this.texts);
  readonly #threads = new ThreadLanes(this.texts);
  readonly #strings = new Numbering();
  readonly #kernels = new Numbering();
  readonly #ids = new EventIds();
  readonly #ranks = new RankLabels(this.texts);
  readonly #kinds: EventKind[] = [];
  readonly #dropped = new DroppedEvents();
  readonly #losses = new Losses();
  readonly #processes = new Set<TextId>();
  readonly #open = new OpenEvents();
  readonly #dimsOf = new Map<number, number>();
  readonly #foreign = new ForeignEvents();
  #baseUs = Number.NaN;
  /** The first events, until they tell where the trace lies in time. */
  #first: EventRow[] = [];
  #firstTimed = 0;

  /** An element that is no event: broken JSON or not an object. */
  addUnreadable(): void {
    this.events++;
    this.#lose(0, "everything");
  }

  /**
   * An event whose element was broken.
   *
   * @param lost keys of its members that could not be read.
   * @returns whether nothing was lost.
   */
  addSalvaged(row: EventRow, lost: readonly string[]): boolean {
    if (row.phase === 0 || (row.category === 0 && row.name === 0)) {
      this.addUnreadable();
      return false;
    }
    const { unreadable } = this;
    this.salvaged++;
    this.add(row);
    if (this.unreadable > unreadable) return false;
    if (lost.length > 0) this.#losses.add(this.texts.text(row.category), lost.join(", "));
    return lost.length === 0;
  }

  #lose(category: TextId, what: string): void {
    this.unreadable++;
    this.#losses.add(this.texts.text(category), what);
  }

  add(row: EventRow): void {
    this.events++;
    if (row.phase !== 0) this.sawEvent = true;
    if (row.phase === COMPLETE) this.#keep(row);
    else if (row.phase === BEGIN || row.phase === END) this.#open.add(row);
    else if (row.phase === METADATA) this.#addMetadata(row);
    else if ((row.phase === ASYNC_BEGIN || row.phase === ASYNC_END) && this.#isGpu(row))
      this.#open.add(row);
    else this.#dropped.add(row);
  }

  /** Tools that convert traces write kernels as asynchronous pairs. */
  #isGpu({ category }: EventRow): boolean {
    const kind = this.#kindOfCategory(category);
    return kind >= KIND.kernel && kind <= KIND.fill;
  }

  #addMetadata(row: EventRow): void {
    const name = this.texts.text(row.name);
    if (name === "thread_name") {
      this.#threads.nameThread(row);
      return;
    }
    if (name === "process_name" && row.label !== 0) this.#processes.add(row.label);
    this.#dropped.add(row);
  }

  #keep(row: EventRow): void {
    const kind = this.#kindOf(row);
    if (kind === KIND.unused) {
      this.#dropped.add(row);
      return;
    }
    if (Number.isNaN(this.#baseUs) && !this.#isLost(row)) this.#hold(row);
    else this.#place(kind, row);
  }

  /** True for an event without a place in time, wherever the trace lies. */
  #isLost({ us, duration }: EventRow): boolean {
    return Number.isNaN(us) || !(duration >= 0);
  }

  /** One event may be years off, and some recorders write zeros for times they lost. */
  #hold(row: EventRow): void {
    this.#first.push({ ...row });
    if (row.us > 0 || row.us < 0) this.#firstTimed++;
    if (this.#firstTimed === ENOUGH_TIMES || this.#first.length === MOST_HELD) this.#placeFirst();
  }

  /** Times count from the middle one of the first events that have any. */
  #placeFirst(): void {
    const times = this.#first.map(({ us }) => us).filter((us) => us > 0 || us < 0);
    times.sort((a, b) => a - b);
    this.#baseUs = times[(times.length - 1) >> 1] ?? 0;
    for (const row of this.#first) this.#place(this.#kindOf(row), row);
    this.#first = [];
  }

  /** A time too far off to be counted from the base stands at the farthest that can be. */
  #place(kind: EventKind, row: EventRow): void {
    const distance = row.us - this.#baseUs;
    const isNear = Math.abs(distance) <= FARTHEST_US;
    if (Number.isNaN(row.us)) this.#lose(row.category, "time");
    else if (!(row.duration >= 0)) this.#lose(row.category, "duration");
    else if (isNear) this.#put(kind, row, distance * 1000 + row.ns);
    else if (kind <= KIND.fill) this.#put(kind, row, Math.sign(distance) * FARTHEST_US * 1000);
    else this.#lose(row.category, "time");
  }

  #put(kind: EventKind, row: EventRow, start: number): void {
    if (kind === KIND.frame) this.#addFrame(row, start);
    else if (kind === KIND.op) this.#addOp(row, start);
    else if (kind <= KIND.fill) this.#addGpu(row, start, kind - KIND.kernel);
    else if (kind <= KIND.driver) this.#addLaunch(row, start, kind - KIND.runtime);
    else if (kind === KIND.sync) this.#addSync(row, start);
    else this.#addAnnotation(row, start, kind - KIND.annotation);
  }

  #kindOf(row: EventRow): EventKind {
    const kind = this.#kindOfCategory(row.category);
    return kind === KIND.unknown ? kindByContent(row, this.texts) : kind;
  }

  #kindOfCategory(category: TextId): EventKind {
    let kind = this.#kinds[category];
    if (kind === undefined) {
      kind = kindOfCategory(this.texts.text(category));
      this.#kinds[category] = kind;
    }
    return kind;
  }

  #addGpu(row: EventRow, start: number, kind: number): void {
    const rank = this.#ranks.of(row.pid);
    const i = this.#gpu.next();
    if (row.category !== 0 && this.#kindOfCategory(row.category) === KIND.unknown)
      this.#foreign.add(i, row.category);
    const to = this.#gpu.columns;
    to.kind[i] = kind;
    to.name[i] = this.#kernels.of(row.name);
    to.stream[i] = this.#streams.indexOf(row);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.correlation[i] = this.#ids.of(row.correlation, rank);
    to.externalId[i] = this.#ids.of(row.externalId, rank);
    // Newer profilers write zero on every kernel that no graph launched.
    to.graphId[i] = this.#ids.of(row.graphId === 0 ? NO_ID : row.graphId, rank);
    to.graphNodeId[i] = this.#ids.of(row.graphNodeId === 0 ? NO_ID : row.graphNodeId, rank);
    to.dims[i] = this.#dims(row);
    to.bytes[i] = Number.isNaN(row.bytes) ? 0 : row.bytes;
    to.collective[i] = this.#strings.of(row.collective);
  }

  /** What no CUDA or HIP call launched is no work of such a GPU, whatever it carries. */
  #loseForeign(): void {
    if (this.#foreign.count === 0) return;
    const names = this.#strings.texts(this.texts);
    const { name, correlation } = this.#launches.columns;
    const called = new Set<number>();
    for (let row = 0; row < this.#launches.count; row++)
      if (isGpuCall(names[name[row]!]!)) called.add(correlation[row]!);
    const lost = this.#foreign.unproven(this.#gpu.columns.correlation, called);
    for (const { category } of lost) this.#lose(category, NO_LAUNCH);
    this.#gpu.remove(lost.map(({ row }) => row));
  }

  #addLaunch(row: EventRow, start: number, api: number): void {
    const rank = this.#ranks.of(row.pid);
    const i = this.#launches.next();
    const to = this.#launches.columns;
    to.api[i] = api;
    to.name[i] = this.#strings.of(row.name);
    to.thread[i] = this.#threads.indexOf(row);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.correlation[i] = this.#ids.of(row.correlation, rank);
    to.externalId[i] = this.#ids.of(row.externalId, rank);
    to.kernel[i] = this.#strings.of(row.kernel);
    to.dims[i] = this.#dims(row);
    to.stream[i] = this.#strings.of(row.stream);
    to.detail[i] = this.#strings.of(row.detail);
  }

  #addOp(row: EventRow, start: number): void {
    const rank = this.#ranks.of(row.pid);
    const i = this.#ops.next();
    const to = this.#ops.columns;
    to.name[i] = this.#strings.of(row.name);
    to.thread[i] = this.#threads.indexOf(row);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.externalId[i] = this.#ids.of(row.externalId, rank);
    to.shapes[i] = this.#strings.of(row.shapes);
    to.types[i] = this.#strings.of(row.types);
    to.strides[i] = this.#strings.of(row.strides);
    to.concrete[i] = this.#strings.of(row.concrete);
    to.collective[i] = this.#strings.of(row.collective);
  }

  #addFrame(row: EventRow, start: number): void {
    const i = this.#frames.next();
    const to = this.#frames.columns;
    to.name[i] = this.#strings.of(row.name);
    to.thread[i] = this.#threads.indexOf(row);
    to.start[i] = start;
    to.duration[i] = row.duration;
  }

  #addAnnotation(row: EventRow, start: number, onGpu: number): void {
    const rank = this.#ranks.of(row.pid);
    const i = this.#annotations.next();
    const to = this.#annotations.columns;
    to.name[i] = this.#strings.of(row.name);
    to.onGpu[i] = onGpu;
    to.lane[i] = onGpu === 1 ? this.#streams.indexOf(row) : this.#threads.indexOf(row);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.externalId[i] = this.#ids.of(row.externalId, rank);
    to.shapes[i] = this.#strings.of(row.shapes);
    to.types[i] = this.#strings.of(row.types);
  }

  #addSync(row: EventRow, start: number): void {
    const rank = this.#ranks.of(row.pid);
    const i = this.#syncs.next();
    const to = this.#syncs.columns;
    const waitsFor = row.waitOnStream;
    to.name[i] = this.#strings.of(row.name);
    to.stream[i] = this.#streams.indexOf(row);
    to.waitedFor[i] = waitsFor === 0 ? NO_LANE : this.#streams.indexOf(row, waitsFor);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.correlation[i] = this.#ids.of(row.correlation, rank);
  }

  /** StringId of "grid/block"; the pairs are few, the events many. */
  #dims({ grid, block }: EventRow): number {
    const pair = grid * PAIRS + block;
    if (pair === 0) return 0;
    let dims = this.#dimsOf.get(pair);
    if (dims === undefined) {
      const sizes = [grid, block].map((id) => this.texts.text(id).slice(1, -1));
      dims = this.#strings.of(this.texts.idOf(sizes.join("/")));
      this.#dimsOf.set(pair, dims);
    }
    return dims;
  }

  /**
   * The finished trace; the builder is spent afterwards.
   *
   * @param head top-level keys of the file besides `traceEvents`.
   */
  finish(
    origin: Omit<TraceOrigin, CountedByBuilder>,
    head: Readonly<Record<string, unknown>>,
  ): Trace {
    this.#open.pair({
      keep: (whole) => this.#keep(whole),
      lose: ({ category }, what) => this.#lose(category, what),
    });
    if (this.#first.length > 0) this.#placeFirst();
    this.#loseForeign();
    const gpu = this.#gpu.finishByStart();
    const launches = this.#launches.finishByStart();
    const ops = this.#ops.finishByThread();
    const frames = this.#frames.finishByThread();
    const annotations = this.#annotations.finishByStart();
    const syncs = this.#syncs.finishByStart();
    const streams = this.#streams.finish(gpu.stream);
    if (streams.numberOf !== null) renumber(streams.numberOf, gpu, annotations, syncs);
    const starts = [gpu, launches, ops, frames, annotations, syncs].map((table) => table.start);
    const strings = this.#strings.texts(this.texts);
    const metadata = traceMetadata(
      head,
      [...new Set(launches.name)].map((id) => strings[id]!),
    );
    const rank = metadata.distributed?.rank ?? null;
    return {
      origin: {
        ...origin,
        ...(rank === null ? {} : { rank, rankFrom: "distributedInfo" }),
        events: this.events,
        dropped: this.#dropped.counts(this.texts),
        unreadable: this.unreadable,
        losses: this.#losses.counts(),
        salvaged: this.salvaged,
        processes: [...this.#processes].map((id) => this.texts.text(id)),
      },
      baseUs: shiftToFirst(starts, this.#baseUs),
      strings,
      gpu,
      launches,
      ops,
      frames,
      annotations,
      syncs,
      streams: streams.keys,
      threads: this.#threads.keys(),
      kernelNames: withDistinctShorts(this.#kernels.texts(this.texts).map(kernelName)),
      metadata,
    };
  }
}

type Lanes = Pick<Trace, "gpu" | "annotations" | "syncs">;

/** Gives lanes the numbers they have at last. */
function renumber(
  numberOf: Uint16Array,
  gpu: Lanes["gpu"],
  annotations: Lanes["annotations"],
  syncs: Lanes["syncs"],
): void {
  for (const column of [gpu.stream, syncs.stream, syncs.waitedFor])
    for (let row = 0; row < column.length; row++) column[row] = numberOf[column[row]!]!;
  for (let row = 0; row < annotations.count; row++)
    if (annotations.onGpu[row] === 1) annotations.lane[row] = numberOf[annotations.lane[row]!]!;
}
