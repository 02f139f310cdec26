import {
  STEPS_TO_DROP_FIRST,
  type StepMetric,
  type StepTimes,
} from "../../model/contracts/report.ts";
import { type Nanoseconds, toUs } from "../../model/trace/units.ts";
import { medianDeviation, spreadOf } from "../spread.ts";

/** Times of the steps with GPU work, in their order. */
export interface PerStep {
  readonly step: Int32Array;
  /** First start and last end of its events. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Busy plus idle. */
  readonly duration: Float64Array;
  readonly gpuTime: Float64Array;
  readonly busy: Float64Array;
  readonly idle: Float64Array;
  readonly exposedComm: Float64Array;
}

/** Adds up what every step takes while a stage's events are walked in order. */
export class StepSums {
  readonly #events: Uint32Array;
  readonly #start: Float64Array;
  readonly #end: Float64Array;
  readonly #gpuTime: Float64Array;
  readonly #busy: Float64Array;
  readonly #idle: Float64Array;
  readonly #exposedComm: Float64Array;
  /** The step it begins with: how long the GPU waited for it nobody knows. */
  #first = -1;

  constructor(steps: number) {
    this.#events = new Uint32Array(steps);
    this.#start = new Float64Array(steps).fill(Number.POSITIVE_INFINITY);
    this.#end = new Float64Array(steps).fill(Number.NEGATIVE_INFINITY);
    this.#gpuTime = new Float64Array(steps);
    this.#busy = new Float64Array(steps);
    this.#idle = new Float64Array(steps);
    this.#exposedComm = new Float64Array(steps);
  }

  /**
   * An event of a step, in order of start.
   *
   * @param busy how much longer the GPU is busy by it.
   */
  addEvent(step: number, start: Nanoseconds, end: Nanoseconds, busy: Nanoseconds): void {
    if (this.#first < 0) this.#first = step;
    this.#events[step]!++;
    this.#start[step] = Math.min(this.#start[step]!, start);
    this.#end[step] = Math.max(this.#end[step]!, end);
    this.#gpuTime[step]! += end - start;
    this.#busy[step]! += busy;
  }

  addIdle(step: number, idle: Nanoseconds): void {
    this.#idle[step]! += idle;
  }

  addExposedComm(step: number, exposed: Nanoseconds): void {
    if (step >= 0) this.#exposedComm[step]! += exposed;
  }

  /** Step by step, those with events only; `step` is the index of the steps given. */
  perStep(): PerStep {
    const step = Int32Array.from(this.#events.keys()).filter((at) => this.#events[at]! > 0);
    const of = (values: Float64Array) => Float64Array.from(step, (at) => values[at]!);
    const [busy, idle] = [of(this.#busy), of(this.#idle)];
    return {
      step,
      start: of(this.#start),
      end: of(this.#end),
      duration: busy.map((time, at) => time + idle[at]!),
      gpuTime: of(this.#gpuTime),
      busy,
      idle,
      exposedComm: of(this.#exposedComm),
    };
  }

  /** Over the steps with events; null where there are none. */
  build(): StepTimes | null {
    const withWork = (_: number, step: number): boolean => this.#events[step]! > 0;
    const count = this.#events.filter((events) => events > 0).length;
    if (count === 0) return null;
    const isWhole = (_: number, step: number): boolean =>
      this.#events[step]! > 0 && (step !== this.#first || count < STEPS_TO_DROP_FIRST);
    const duration = this.#busy.map((busy, step) => busy + this.#idle[step]!);
    const times: Readonly<Record<StepMetric, Float64Array>> = {
      duration: duration.filter(isWhole),
      gpuTime: this.#gpuTime.filter(withWork),
      busy: this.#busy.filter(withWork),
      idle: this.#idle.filter(isWhole),
      exposedComm: this.#exposedComm.filter(withWork),
    };
    const deviation = (metric: StepMetric) => toUs(medianDeviation(times[metric]));
    return {
      count,
      duration: spreadOf(times.duration.slice()),
      gpuTime: spreadOf(times.gpuTime.slice()),
      busy: spreadOf(times.busy.slice()),
      idle: spreadOf(times.idle.slice()),
      exposedComm: spreadOf(times.exposedComm.slice()),
      deviation: {
        duration: deviation("duration"),
        gpuTime: deviation("gpuTime"),
        busy: deviation("busy"),
        idle: deviation("idle"),
        exposedComm: deviation("exposedComm"),
      },
    };
  }
}
