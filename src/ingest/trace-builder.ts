import type { Trace, TraceOrigin } from "../model/trace.ts";
import { NO_ID } from "../model/units.ts";
import { GrowingTable } from "./columns.ts";
import { type EventKind, KIND, kindByContent, kindOfCategory } from "./event-kind.ts";
import type { EventRow, RowId } from "./event-row.ts";
import { kernelName } from "./kernel-name.ts";
import { NO_LANE, StreamLanes, ThreadLanes } from "./lanes.ts";
import { traceMetadata } from "./metadata.ts";
import { Numbering } from "./numbering.ts";
import { type TextId, TextTable } from "./text-table.ts";
import { ANNOTATIONS, FRAMES, GPU, LAUNCHES, OPS, SYNCS } from "./trace-tables.ts";

const COMPLETE = 0x58; // X
const BEGIN = 0x42; // B
const END = 0x45; // E
const METADATA = 0x4d; // M

/** Relative times stay exact up to here; a `ts` further from the first one is no time of this trace. */
const FARTHEST_US = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

/**
 * Collects the events of one file into columns: the one rule set of which events are kept and what
 * their columns hold, whatever reader found them.
 */
export class TraceBuilder {
  readonly texts = new TextTable();
  /** Elements seen, kept or not. */
  events = 0;
  unreadable = 0;
  /** At least one element has a phase, as every event has. */
  sawEvent = false;

  private readonly gpu = new GrowingTable(GPU);
  private readonly launches = new GrowingTable(LAUNCHES);
  private readonly ops = new GrowingTable(OPS);
  private readonly frames = new GrowingTable(FRAMES);
  private readonly annotations = new GrowingTable(ANNOTATIONS);
  private readonly syncs = new GrowingTable(SYNCS);
  private readonly streams = new StreamLanes();
  private readonly threads = new ThreadLanes();
  private readonly strings = new Numbering();
  private readonly kernels = new Numbering();
  private readonly wideIds = new Numbering();
  private readonly kinds: EventKind[] = [];
  private readonly dropped = new Map<string, number>();
  private readonly open = new Map<string, EventRow[]>();
  private readonly dimsOf = new Map<TextId, Map<TextId, TextId>>();
  private readonly pidSubstring: string | null;
  private readonly wantedPids: boolean[] = [];
  private readonly pidNumbers: number[] = [];
  private baseUs = Number.NaN;

  /** @param options.pidSubstring only events whose pid contains it are kept; null keeps all. */
  constructor(options: { readonly pidSubstring: string | null }) {
    this.pidSubstring = options.pidSubstring;
  }

  /** An element that is no event: broken JSON or not an object. */
  addUnreadable(): void {
    this.events++;
    this.unreadable++;
  }

  add(row: EventRow): void {
    this.events++;
    if (row.phase !== 0) this.sawEvent = true;
    if (this.pidSubstring !== null && !this.isWanted(row.pid)) this.count("other processes");
    else if (row.phase === COMPLETE) this.keep(row);
    else if (row.phase === BEGIN) this.begin(row);
    else if (row.phase === END) this.end(row);
    else if (row.phase === METADATA && this.texts.text(row.name) === "thread_name") {
      this.threads.nameThread(row.pid, row.tid, row.label);
    } else this.drop(row);
  }

  private keep(row: EventRow): void {
    const kind = this.kindOf(row);
    if (kind === KIND.unused) {
      this.drop(row);
      return;
    }
    if (Number.isNaN(this.baseUs)) this.baseUs = row.us;
    const distance = Math.abs(row.us - this.baseUs);
    // Written so that NaN fails too.
    if (!(distance <= FARTHEST_US && row.duration >= 0)) {
      this.unreadable++;
      return;
    }
    this.put(kind, row, (row.us - this.baseUs) * 1000 + row.ns);
  }

  private put(kind: EventKind, row: EventRow, start: number): void {
    if (kind === KIND.frame) this.addFrame(row, start);
    else if (kind === KIND.op) this.addOp(row, start);
    else if (kind <= KIND.fill) this.addGpu(row, start, kind - KIND.kernel);
    else if (kind <= KIND.driver) this.addLaunch(row, start, kind - KIND.runtime);
    else if (kind === KIND.sync) this.addSync(row, start);
    else this.addAnnotation(row, start, kind - KIND.annotation);
  }

  private kindOf(row: EventRow): EventKind {
    const kind = this.kindOfCategory(row.category);
    return kind === KIND.unknown ? kindByContent(row, this.texts) : kind;
  }

  private kindOfCategory(category: TextId): EventKind {
    let kind = this.kinds[category];
    if (kind === undefined) {
      kind = kindOfCategory(this.texts.text(category));
      this.kinds[category] = kind;
    }
    return kind;
  }

  private drop(row: EventRow): void {
    const category = this.texts.text(row.category);
    const key = category === "" ? `ph ${String.fromCharCode(row.phase || 0x3f)}` : category;
    this.count(key);
  }

  private count(key: string): void {
    this.dropped.set(key, (this.dropped.get(key) ?? 0) + 1);
  }

  private isWanted(pid: TextId): boolean {
    this.wantedPids[pid] ??= this.texts.text(pid).includes(this.pidSubstring ?? "");
    return this.wantedPids[pid];
  }

  private begin(row: EventRow): void {
    const lane = `${row.pid} ${row.tid}`;
    const stack = this.open.get(lane);
    if (stack === undefined) this.open.set(lane, [{ ...row }]);
    else stack.push({ ...row });
  }

  private end(row: EventRow): void {
    const begun = this.open.get(`${row.pid} ${row.tid}`)?.pop();
    if (begun === undefined) {
      this.unreadable++;
      return;
    }
    begun.duration = (row.us - begun.us) * 1000 + row.ns - begun.ns;
    this.keep(begun);
  }

  private addGpu(row: EventRow, start: number, kind: number): void {
    const i = this.gpu.next();
    const to = this.gpu.block;
    to.kind[i] = kind;
    to.name[i] = this.kernels.of(row.name);
    to.stream[i] = this.streamOf(row);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.correlation[i] = this.idOf(row.correlation);
    to.externalId[i] = this.idOf(row.externalId);
    to.graphId[i] = this.idOf(row.graphId);
    to.graphNodeId[i] = this.idOf(row.graphNodeId);
    to.dims[i] = this.dims(row);
    to.bytes[i] = Number.isNaN(row.bytes) ? 0 : row.bytes;
  }

  private addLaunch(row: EventRow, start: number, api: number): void {
    const i = this.launches.next();
    const to = this.launches.block;
    to.api[i] = api;
    to.name[i] = this.strings.of(row.name);
    to.thread[i] = this.threads.indexOf(row.pid, row.tid);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.correlation[i] = this.idOf(row.correlation);
    to.externalId[i] = this.idOf(row.externalId);
    to.kernel[i] = this.strings.of(row.kernel);
    to.dims[i] = this.dims(row);
    to.stream[i] = this.strings.of(row.stream);
    to.detail[i] = this.strings.of(row.detail);
  }

  private addOp(row: EventRow, start: number): void {
    const i = this.ops.next();
    const to = this.ops.block;
    to.name[i] = this.strings.of(row.name);
    to.thread[i] = this.threads.indexOf(row.pid, row.tid);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.externalId[i] = this.idOf(row.externalId);
    to.shapes[i] = this.strings.of(row.shapes);
    to.types[i] = this.strings.of(row.types);
    to.collective[i] = this.strings.of(row.collective);
  }

  private addFrame(row: EventRow, start: number): void {
    const i = this.frames.next();
    const to = this.frames.block;
    to.name[i] = this.strings.of(row.name);
    to.thread[i] = this.threads.indexOf(row.pid, row.tid);
    to.start[i] = start;
    to.duration[i] = row.duration;
  }

  private addAnnotation(row: EventRow, start: number, onGpu: number): void {
    const i = this.annotations.next();
    const to = this.annotations.block;
    to.name[i] = this.strings.of(row.name);
    to.onGpu[i] = onGpu;
    to.lane[i] = onGpu === 1 ? this.streamOf(row) : this.threads.indexOf(row.pid, row.tid);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.externalId[i] = this.idOf(row.externalId);
  }

  private addSync(row: EventRow, start: number): void {
    const i = this.syncs.next();
    const to = this.syncs.block;
    const waitsFor = row.waitOnStream;
    to.name[i] = this.strings.of(row.name);
    to.stream[i] = this.streamOf(row);
    to.waitedFor[i] = waitsFor === 0 ? NO_LANE : this.laneOf(row, waitsFor);
    to.start[i] = start;
    to.duration[i] = row.duration;
    to.correlation[i] = this.idOf(row.correlation);
  }

  /** GPU lanes: the arguments know device and stream; where they are missing, pid and tid stand for them. */
  private streamOf(row: EventRow): number {
    return this.laneOf(row, row.stream === 0 ? row.tid : row.stream);
  }

  private laneOf(row: EventRow, stream: TextId): number {
    const pid = this.plainPid(row.pid);
    const device = Number.isNaN(row.device) ? Math.max(pid, 0) : row.device;
    return this.streams.indexOf(pid === -1 ? row.pid : 0, device, stream);
  }

  /** A pid that is a number, as everywhere but in merged files; -1 for any other text. */
  private plainPid(pid: TextId): number {
    let number = this.pidNumbers[pid];
    if (number === undefined) {
      const text = this.texts.text(pid);
      number = /^\d*$/.test(text) ? Number(text) : -1;
      this.pidNumbers[pid] = number;
    }
    return number;
  }

  private idOf(id: RowId): number {
    return id >= NO_ID ? id : NO_ID - this.wideIds.of(-2 - id);
  }

  private dims(row: EventRow): number {
    if (row.grid === 0 && row.block === 0) return 0;
    const ofGrid = this.dimsOf.get(row.grid) ?? new Map<TextId, TextId>();
    this.dimsOf.set(row.grid, ofGrid);
    let dims = ofGrid.get(row.block);
    if (dims === undefined) {
      const [grid, block] = [row.grid, row.block].map((id) => this.texts.text(id).slice(1, -1));
      dims = this.texts.idOf(`${grid}/${block}`);
      ofGrid.set(row.block, dims);
    }
    return this.strings.of(dims);
  }

  /**
   * The finished trace; the builder is spent afterwards.
   *
   * @param head top-level keys of the file besides `traceEvents`.
   */
  finish(
    origin: Omit<TraceOrigin, "events" | "dropped" | "unreadable">,
    head: Readonly<Record<string, unknown>>,
  ): Trace {
    for (const stack of this.open.values()) this.unreadable += stack.length;
    const gpu = this.gpu.finishByStart();
    const launches = this.launches.finishByStart();
    const ops = this.ops.finishByThread();
    const frames = this.frames.finishByThread();
    const annotations = this.annotations.finishByStart();
    const syncs = this.syncs.finishByStart();
    const starts = [gpu, launches, ops, frames, annotations, syncs].map((table) => table.start);
    const strings = this.strings.texts(this.texts);
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
        dropped: sortedRecord(this.dropped),
        unreadable: this.unreadable,
      },
      baseUs: shiftToFirst(starts, this.baseUs),
      strings,
      gpu,
      launches,
      ops,
      frames,
      annotations,
      syncs,
      streams: this.streams.keys(this.texts),
      threads: this.threads.keys(this.texts),
      kernelNames: this.kernels.texts(this.texts).map(kernelName),
      metadata,
    };
  }
}

function sortedRecord(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Makes the earliest start of all fall into the first microsecond; returns the new base. */
function shiftToFirst(starts: readonly Float64Array[], baseUs: number): number {
  const first = starts.reduce((least, column) => Math.min(least, smallest(column)), Infinity);
  if (first === Infinity) return 0;
  const shiftUs = Math.floor(first / 1000);
  if (shiftUs !== 0) for (const column of starts) subtract(column, shiftUs * 1000);
  return baseUs + shiftUs;
}

function smallest(column: Float64Array): number {
  let least = Infinity;
  for (let row = 0; row < column.length; row++) if (column[row]! < least) least = column[row]!;
  return least;
}

function subtract(column: Float64Array, amount: number): void {
  for (let row = 0; row < column.length; row++) column[row]! -= amount;
}
