import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";
import type { Exposure } from "./exposure.ts";
import type { KernelGroup } from "./kernel-groups.ts";
import { type Work, workOf } from "./work-kind.ts";

/**
 * Upper bound on what hiding kernels would take off a stage: each step is re-timed with the
 * kernel's exposed time laid beside the exposed time of other kinds of work in the same step. A
 * step cannot hide more than there is to hide it behind, and nothing says that the dependency
 * allows it: a bound, never a promise.
 */
export class Retiming {
  /** Exposed time per step and kind of work. */
  readonly #exposedIn = new Map<number, [Nanoseconds, Nanoseconds, Nanoseconds]>();
  readonly #graph: KernelGraph;
  readonly #stage: StageGraph;
  readonly #exposure: Exposure;

  constructor(graph: KernelGraph, stage: StageGraph, exposure: Exposure) {
    this.#graph = graph;
    this.#stage = stage;
    this.#exposure = exposure;
    for (let entry = 0; entry < stage.events.length; entry++) {
      const row = stage.events[entry]!;
      this.#ofStep(graph.stepOf[row]!)[workOf(graph, row)] += exposure.exclusive[entry]!;
    }
  }

  saveAtMost(group: KernelGroup): Nanoseconds {
    const own = new Map<number, Nanoseconds>();
    for (const entry of group.entries) {
      const step = this.#graph.stepOf[this.#stage.events[entry]!]!;
      own.set(step, (own.get(step) ?? 0) + this.#exposure.exclusive[entry]!);
    }
    let saved = 0;
    for (const [step, exposed] of own)
      saved += Math.min(exposed, this.#partnerTime(step, group.work));
    return saved;
  }

  #partnerTime(step: number, work: Work): Nanoseconds {
    return this.#ofStep(step).reduce((sum, time, other) => sum + (other === work ? 0 : time), 0);
  }

  #ofStep(step: number): [Nanoseconds, Nanoseconds, Nanoseconds] {
    let times = this.#exposedIn.get(step);
    if (times === undefined) {
      times = [0, 0, 0];
      this.#exposedIn.set(step, times);
    }
    return times;
  }
}
