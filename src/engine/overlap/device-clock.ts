import type { Nanoseconds } from "../../model/trace/units.ts";
import type { Work } from "./work-kind.ts";

const KINDS = [0, 1, 2] as const;

/**
 * Totals of one device that grow as time passes, by which what happened during any kernel is the
 * difference of two readings: how long each kind of work ran, how long it ran on one stream only,
 * and how long a stream had the device to itself. Letting time pass costs the same however many
 * kernels run: a stream that hides is one among several, or the only one, and then it is known.
 */
export class DeviceClock {
  now: Nanoseconds = 0;
  /** Per stream the kernel that runs and started last, -1 without one; kept by who starts and ends them. */
  readonly latest: Int32Array;
  /** Per kind: how long it ran on any stream. */
  readonly #ran: [Nanoseconds, Nanoseconds, Nanoseconds] = [0, 0, 0];
  /** Per stream and kind: how long it ran on that stream and on no other. */
  readonly #ranOnlyOn: Float64Array;
  /** Per stream: how long nothing ran on another. */
  readonly #alone: Float64Array;
  /** Kernels that run, per stream and kind, and per stream. */
  readonly #running: Int32Array;
  readonly #onStream: Int32Array;
  /** Streams on which a kind runs: how many, and the sum of their numbers, which is the number of a single one. */
  readonly #streams: [number, number, number] = [0, 0, 0];
  readonly #streamSum: [number, number, number] = [0, 0, 0];
  #busy = 0;
  #busySum = 0;

  /** @param streams of this device */
  constructor(streams: number) {
    this.latest = new Int32Array(streams).fill(-1);
    this.#ranOnlyOn = new Float64Array(3 * streams);
    this.#alone = new Float64Array(streams);
    this.#running = new Int32Array(3 * streams);
    this.#onStream = new Int32Array(streams);
  }

  /** The stream that has the device to itself, -1 without one. */
  get only(): number {
    return this.#busy === 1 ? this.#busySum : -1;
  }

  start(stream: number, work: Work): void {
    if (this.#onStream[stream]!++ === 0) {
      this.#busy++;
      this.#busySum += stream;
    }
    if (this.#running[3 * stream + work]!++ === 0) {
      this.#streams[work]++;
      this.#streamSum[work] += stream;
    }
  }

  end(stream: number, work: Work): void {
    if (--this.#onStream[stream]! === 0) {
      this.#busy--;
      this.#busySum -= stream;
    }
    if (--this.#running[3 * stream + work]! === 0) {
      this.#streams[work]--;
      this.#streamSum[work] -= stream;
    }
  }

  advance(time: Nanoseconds): void {
    const span = time - this.now;
    this.now = time;
    if (this.#busy === 0) return;
    if (this.#busy === 1) this.#alone[this.#busySum]! += span;
    for (const work of KINDS) {
      const streams = this.#streams[work];
      if (streams === 0) continue;
      this.#ran[work] += span;
      if (streams === 1) this.#ranOnlyOn[3 * this.#streamSum[work] + work]! += span;
    }
  }

  /** How long this stream has had the device to itself so far. */
  aloneNs(stream: number): Nanoseconds {
    return this.#alone[stream]!;
  }

  /** How long work of this kind has run on other streams so far. */
  besideNs(stream: number, work: Work): Nanoseconds {
    return this.#ran[work] - this.#ranOnlyOn[3 * stream + work]!;
  }
}
