import type { StreamKey, ThreadKey } from "../../model/trace.ts";
import type { EventRow } from "./event-row.ts";
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

/**
 * GPU streams, numbered as met. The arguments of an event know its device and stream; where they
 * are missing, pid and tid stand for them. Files that merge several ranks write the rank into the
 * pid (`[TP00] 0`): the same device and stream of two ranks are two streams.
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
    const owner = pid === -1 ? row.pid : 0;
    return this.#numbers.indexOf(owner * DEVICES + device, stream || row.stream || row.tid);
  }

  keys(): StreamKey[] {
    return this.#numbers.pairs.map(([device, stream]) => {
      const owner = Math.floor(device / DEVICES);
      return {
        device: device % DEVICES,
        stream: this.#texts.text(stream),
        ...(owner === 0 ? {} : { owner: this.#texts.text(owner) }),
      };
    });
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
