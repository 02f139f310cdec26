import type { StreamKey, ThreadKey } from "../../model/trace/trace.ts";
import type { EventRow } from "../events/event-row.ts";
import type { TextId, TextTable } from "./text-table.ts";

/** Lane columns are 16 bits wide, and 65535 says "none": everything beyond shares the last lane. */
export const NO_LANE = 65_535;
const LAST_LANE = NO_LANE - 1;

/** Numbers pairs in the order they are first met. */
class PairNumbers {
  readonly pairs: (readonly [number, TextId])[] = [];
  readonly #byFirst = new Map<number, Map<TextId, number>>();
  #lastFirst = Number.NaN;
  #lastSecond = -1;
  #last = 0;

  indexOf(first: number, second: TextId): number {
    if (first === this.#lastFirst && second === this.#lastSecond) return this.#last;
    this.#last = this.#find(first, second);
    this.#lastFirst = first;
    this.#lastSecond = second;
    return this.#last;
  }

  #find(first: number, second: TextId): number {
    let bySecond = this.#byFirst.get(first);
    if (bySecond === undefined) {
      bySecond = new Map();
      this.#byFirst.set(first, bySecond);
    }
    const known = bySecond.get(second);
    if (known !== undefined) return known;
    const index = Math.min(this.pairs.length, LAST_LANE);
    if (index === this.pairs.length) this.pairs.push([first, second]);
    bySecond.set(second, index);
    return index;
  }
}

/** More than there are devices, or processes in their place; owners stand above them in one number. */
const DEVICES = 2 ** 26;

/** What became of the lanes of one file. */
interface FinishedLanes {
  readonly keys: readonly StreamKey[];
  /** By number while reading: number at last. Null where nothing changes. */
  readonly numberOf: Uint16Array | null;
}

/**
 * GPU streams, numbered as met. The arguments of an event know its device and stream; where they
 * are missing, pid and tid stand for them. Files that merge several ranks tell them apart by the
 * pid alone (`[TP00] 0`, or numbers that somebody shifted): where GPU events of several pids name
 * one device and stream, they are as many streams.
 */
export class StreamLanes {
  readonly #texts: TextTable;
  readonly #numbers = new PairNumbers();
  readonly #pids: number[] = [];

  constructor(texts: TextTable) {
    this.#texts = texts;
  }

  /** @param stream as spelled; 0 to take the event's own. */
  indexOf(row: EventRow, stream: TextId = 0): number {
    const pid = this.#numberOf(row.pid);
    const device = isDevice(row.device) ? row.device : isDevice(pid) ? pid : 0;
    return this.#numbers.indexOf(row.pid * DEVICES + device, stream || row.stream || row.tid);
  }

  /** @param ofGpuEvents the number of the lane of every GPU event. */
  finish(ofGpuEvents: Uint16Array): FinishedLanes {
    const lanes = this.#numbers.pairs.map(([owned, stream]) => {
      const device = owned % DEVICES;
      return { device, stream, pid: Math.floor(owned / DEVICES), name: `${device} ${stream}` };
    });
    const shared = this.#sharedNames(lanes, ofGpuEvents);
    const keys: StreamKey[] = [];
    const numbers = new Map<string, number>();
    const numberOf = new Uint16Array(LAST_LANE + 2).fill(NO_LANE);
    for (const [at, lane] of lanes.entries()) {
      const owner = shared(at, lane.name) || this.#numberOf(lane.pid) === -1 ? lane.pid : 0;
      const id = `${owner} ${lane.name}`;
      const known = numbers.get(id) ?? keys.length;
      numberOf[at] = known;
      if (known < keys.length) continue;
      numbers.set(id, known);
      keys.push({
        device: lane.device,
        stream: this.#texts.text(lane.stream),
        ...(owner === 0 ? {} : { owner: this.#texts.text(owner) }),
      });
    }
    return { keys, numberOf: keys.length === lanes.length ? null : numberOf };
  }

  /** Whether a lane has GPU events and shares device and stream with another pid's that has some. */
  #sharedNames(
    lanes: readonly { readonly name: string }[],
    ofGpuEvents: Uint16Array,
  ): (lane: number, name: string) => boolean {
    const isUnique = new Set(lanes.map(({ name }) => name)).size === lanes.length;
    if (isUnique) return () => false;
    const used = new Set(ofGpuEvents);
    const users = new Map<string, number>();
    for (const [at, { name }] of lanes.entries())
      if (used.has(at)) users.set(name, (users.get(name) ?? 0) + 1);
    return (lane, name) => used.has(lane) && users.get(name)! > 1;
  }

  /** A pid that is a number, as everywhere but in merged files; -1 for any other text. */
  #numberOf(pid: TextId): number {
    let number = this.#pids[pid];
    if (number === undefined) {
      const text = this.#texts.text(pid);
      number = /^\d*$/.test(text) ? Number(text) : -1;
      this.#pids[pid] = number;
    }
    return number;
  }
}

/** Anything else in its place says nothing, and would be taken for an owner. */
function isDevice(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number < DEVICES;
}

/** The rank that merged files put in front of a pid: `[TP00]` of `[TP00] 263`; 0 elsewhere. */
export class RankLabels {
  readonly #texts: TextTable;
  readonly #labels: TextId[] = [];

  constructor(texts: TextTable) {
    this.#texts = texts;
  }

  of(pid: TextId): TextId {
    let label = this.#labels[pid];
    if (label === undefined) {
      label = this.#texts.idOf(/^\[[^\]]*\]/.exec(this.#texts.text(pid))?.[0] ?? "");
      this.#labels[pid] = label;
    }
    return label;
  }
}

/** Host threads by (pid, tid) as spelled, numbered as met, with the names of `thread_name` events. */
export class ThreadLanes {
  readonly #texts: TextTable;
  readonly #numbers = new PairNumbers();
  readonly #names = new Map<TextId, Map<TextId, TextId>>();

  constructor(texts: TextTable) {
    this.#texts = texts;
  }

  indexOf(row: EventRow): number {
    return this.#numbers.indexOf(row.pid, row.tid);
  }

  /** Some files name a thread twice; the last one stands, as in the trace viewers. */
  nameThread({ pid, tid, label }: EventRow): void {
    const ofProcess = this.#names.get(pid) ?? new Map<TextId, TextId>();
    ofProcess.set(tid, label);
    this.#names.set(pid, ofProcess);
  }

  keys(): ThreadKey[] {
    const texts = this.#texts;
    return this.#numbers.pairs.map(([pid, tid]) => {
      const name = this.#names.get(pid)?.get(tid);
      return {
        pid: texts.text(pid),
        tid: texts.text(tid),
        name: name === undefined ? null : texts.text(name),
      };
    });
  }
}
