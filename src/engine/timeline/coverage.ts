import type { Nanoseconds } from "../../model/trace/units.ts";
import { WORK, type Work } from "../overlap/work-kind.ts";

/** Before every event; finite, so that differences of it are. */
const LONG_AGO: Nanoseconds = Number.MIN_SAFE_INTEGER;

/**
 * How long each kind of work ran on any stream, and how much of it nothing of a higher rank hid:
 * computation, then communication, then memory. Events come by ascending start, so between two
 * starts a kind runs from the first on until its latest end, and three ends say everything.
 */
export class Coverage {
  busyNs: Nanoseconds = 0;
  computeNs: Nanoseconds = 0;
  commNs: Nanoseconds = 0;
  memoryNs: Nanoseconds = 0;
  exposedCommNs: Nanoseconds = 0;
  exposedMemoryNs: Nanoseconds = 0;
  #now = LONG_AGO;
  #computeEnd = LONG_AGO;
  #commEnd = LONG_AGO;
  #memoryEnd = LONG_AGO;

  add(work: Work, start: Nanoseconds, end: Nanoseconds): void {
    if (start > this.#now) this.#advance(start);
    if (work === WORK.compute) this.#computeEnd = Math.max(this.#computeEnd, end);
    else if (work === WORK.comm) this.#commEnd = Math.max(this.#commEnd, end);
    else this.#memoryEnd = Math.max(this.#memoryEnd, end);
  }

  /** Lets everything come to its end. */
  finish(): void {
    this.#advance(Number.POSITIVE_INFINITY);
  }

  #advance(time: Nanoseconds): void {
    const now = this.#now;
    const compute = Math.max(0, Math.min(this.#computeEnd, time) - now);
    const comm = Math.max(0, Math.min(this.#commEnd, time) - now);
    const memory = Math.max(0, Math.min(this.#memoryEnd, time) - now);
    const computeOrComm = Math.max(compute, comm);
    this.busyNs += Math.max(computeOrComm, memory);
    this.computeNs += compute;
    this.commNs += comm;
    this.memoryNs += memory;
    this.exposedCommNs += Math.max(0, comm - compute);
    this.exposedMemoryNs += Math.max(0, memory - computeOrComm);
    this.#now = time;
  }
}
