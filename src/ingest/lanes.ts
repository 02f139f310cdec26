import type { StreamKey, ThreadKey } from "../model/trace.ts";
import type { TextId, TextTable } from "./text-table.ts";

/** Lane columns are 16 bits wide, and 65535 says "none": everything beyond shares the last lane. */
export const NO_LANE = 65_535;
const LAST_LANE = NO_LANE - 1;

/** Numbers pairs in the order they are first met. */
class PairNumbers {
  readonly pairs: (readonly [number, TextId])[] = [];
  private readonly byFirst = new Map<number, Map<TextId, number>>();
  private lastFirst = Number.NaN;
  private lastSecond = -1;
  private last = 0;

  indexOf(first: number, second: TextId): number {
    if (first === this.lastFirst && second === this.lastSecond) return this.last;
    this.last = this.find(first, second);
    this.lastFirst = first;
    this.lastSecond = second;
    return this.last;
  }

  private find(first: number, second: TextId): number {
    let bySecond = this.byFirst.get(first);
    if (bySecond === undefined) {
      bySecond = new Map();
      this.byFirst.set(first, bySecond);
    }
    const known = bySecond.get(second);
    if (known !== undefined) return known;
    const index = Math.min(this.pairs.length, LAST_LANE);
    if (index === this.pairs.length) this.pairs.push([first, second]);
    bySecond.set(second, index);
    return index;
  }
}

/** Devices are small numbers; texts above them tell ranks of a merged file apart. */
const DEVICES = 1 << 16;

/**
 * Streams by (device, stream as spelled), numbered as met. Files that merge several ranks write
 * the rank into the pid (`[TP00] 0`): the same device and stream of two ranks are two streams.
 */
export class StreamLanes {
  private readonly numbers = new PairNumbers();

  /** @param owner the pid where it is more than a number, 0 otherwise. */
  indexOf(owner: TextId, device: number, stream: TextId): number {
    return this.numbers.indexOf(owner * DEVICES + device, stream);
  }

  keys(texts: TextTable): StreamKey[] {
    return this.numbers.pairs.map(([device, stream]) => {
      const owner = Math.floor(device / DEVICES);
      return {
        device: device % DEVICES,
        stream: texts.text(stream),
        ...(owner === 0 ? {} : { owner: texts.text(owner) }),
      };
    });
  }
}

/** Host threads by (pid, tid) as spelled, numbered as met, with the names of `thread_name` events. */
export class ThreadLanes {
  private readonly numbers = new PairNumbers();
  private readonly names = new Map<TextId, Map<TextId, TextId>>();

  indexOf(pid: TextId, tid: TextId): number {
    return this.numbers.indexOf(pid, tid);
  }

  /** Some files name a thread twice; the last one stands, as in the trace viewers. */
  nameThread(pid: TextId, tid: TextId, name: TextId): void {
    const ofProcess = this.names.get(pid) ?? new Map<TextId, TextId>();
    ofProcess.set(tid, name);
    this.names.set(pid, ofProcess);
  }

  keys(texts: TextTable): ThreadKey[] {
    return this.numbers.pairs.map(([pid, tid]) => {
      const name = this.names.get(pid)?.get(tid);
      return {
        pid: texts.text(pid),
        tid: texts.text(tid),
        name: name === undefined ? null : texts.text(name),
      };
    });
  }
}
