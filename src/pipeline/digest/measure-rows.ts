import type {
  CollectiveSequence,
  RankMeasure,
  StageMeasure,
  TransferSequence,
} from "../../engine/ranks/rank-measure.ts";
import type { ColumnName, ColumnTable } from "./columns.ts";

/**
 * A rank's measurements as rows: steps, times by category and step, collectives and transfers one
 * by one. What is left is small and stays a document, which says how many rows belong to what, in
 * the order in which they are written and read.
 */
interface MeasureHead extends Omit<RankMeasure, "stages" | "whole"> {
  readonly stages: readonly StageHead[];
  readonly whole: {
    /** Null where it is the only stage's. */
    readonly measure: StageHead | null;
    readonly stageOf: readonly StageMeasure["stage"][];
  } | null;
}

interface StageHead
  extends Omit<StageMeasure, "steps" | "categories" | "collectives" | "transfers"> {
  readonly steps: number;
  readonly categories: readonly string[];
  readonly collectives: readonly SequenceHead<CollectiveSequence>[];
  readonly transfers: readonly SequenceHead<TransferSequence>[];
}

type Launches = "duration" | "end" | "step";
type SequenceHead<T> = Omit<T, Launches | "experts" | "keys"> & { readonly launches: number };

/** Writes a measurement's rows; the answer is what {@link readMeasure} needs besides them. */
export function writeMeasure(measure: RankMeasure, table: ColumnTable): MeasureHead {
  const { stages, whole, ...rest } = measure;
  let slot = 0;
  const write = (stage: StageMeasure): StageHead => writeStage(stage, slot++, table);
  return {
    ...rest,
    stages: stages.map(write),
    whole: whole && {
      stageOf: whole.stageOf,
      measure: stages.length === 1 && whole.measure === stages[0] ? null : write(whole.measure),
    },
  };
}

function writeStage(measure: StageMeasure, slot: number, table: ColumnTable): StageHead {
  const { stage, steps, categories, collectives, transfers, ...rest } = measure;
  const place = { stage, slot };
  for (let at = 0; at < steps.count; at++)
    table.push({
      ...{ ...place, part: "step", step: steps.step[at]!, end_ns: steps.end[at]! },
      ...{ duration_ns: steps.duration[at]!, gpu_ns: steps.gpuTime[at]! },
      ...{ busy_ns: steps.busy[at]!, idle_ns: steps.idle[at]! },
      exposed_comm_ns: steps.exposedComm[at]!,
    });
  for (const [category, times] of categories)
    for (const [at, ns] of times.entries())
      table.push({ ...place, part: "category", category, step: steps.step[at]!, duration_ns: ns });
  return {
    ...rest,
    stage,
    steps: steps.count,
    categories: [...categories.keys()],
    collectives: collectives.map(({ duration, end, step, experts, keys, ...one }, sequence) => {
      const { kernel: name, shortName: short_name, category, collective, group } = one;
      for (const [at, ns] of duration.entries())
        table.push({
          ...{ ...place, part: "collective", sequence, name, short_name, category, collective },
          ...{ group_name: group, duration_ns: ns, end_ns: end[at]!, step: step[at]! },
          ...{ experts_ns: experts[at]!, key: keys[at]! },
        });
      return { ...one, launches: duration.length };
    }),
    transfers: transfers.map(({ duration, end, step, ...one }, sequence) => {
      const { kernel: name, shortName: short_name } = one;
      for (const [at, ns] of duration.entries())
        table.push({
          ...{ ...place, part: "transfer", sequence, name, short_name },
          ...{ duration_ns: ns, end_ns: end[at]!, step: step[at]! },
        });
      return { ...one, launches: duration.length };
    }),
  };
}

/** A column's values in the rows of measurements. */
type MeasuredColumn = (name: ColumnName) => ArrayLike<unknown>;

/** Reads measurements in the order in which they were written. */
export class MeasureReader {
  readonly #column: MeasuredColumn;
  #at = 0;

  constructor(column: MeasuredColumn) {
    this.#column = column;
  }

  /** @param head what {@link writeMeasure} answered */
  read(head: MeasureHead): RankMeasure {
    const { stages: heads, whole, ...rest } = head;
    const stages = heads.map((one) => this.#stage(one));
    return {
      ...rest,
      stages,
      whole: whole && {
        measure: whole.measure === null ? stages[0]! : this.#stage(whole.measure),
        stageOf: whole.stageOf,
      },
    };
  }

  #stage(head: StageHead): StageMeasure {
    const { steps: count, categories, collectives, transfers, ...rest } = head;
    const steps = {
      count,
      step: Int32Array.from(this.#numbers("step", count)),
      end: this.#numbers("end_ns", count),
      duration: this.#numbers("duration_ns", count),
      gpuTime: this.#numbers("gpu_ns", count),
      busy: this.#numbers("busy_ns", count),
      idle: this.#numbers("idle_ns", count),
      exposedComm: this.#numbers("exposed_comm_ns", count),
    };
    this.#at += count;
    const times = categories.map((name): [string, Float64Array] => {
      const own = this.#numbers("duration_ns", count);
      this.#at += count;
      return [name, own];
    });
    return {
      ...rest,
      steps,
      categories: new Map(times),
      collectives: collectives.map(({ launches, ...one }) => {
        const keys = this.#column("key");
        const from = this.#at;
        return {
          ...one,
          experts: this.#numbers("experts_ns", launches),
          keys: Array.from({ length: launches }, (_, at) => keys[from + at] as string),
          ...this.#launches(launches),
        };
      }),
      transfers: transfers.map(({ launches, ...one }) => ({ ...one, ...this.#launches(launches) })),
    };
  }

  #launches(count: number) {
    const launches = {
      duration: this.#numbers("duration_ns", count),
      end: this.#numbers("end_ns", count),
      step: Int32Array.from(this.#numbers("step", count)),
    };
    this.#at += count;
    return launches;
  }

  /** Null is what no number stands for. */
  #numbers(name: ColumnName, count: number): Float64Array {
    const column = this.#column(name);
    return Float64Array.from({ length: count }, (_, at) => {
      const value = column[this.#at + at];
      return value === null || value === undefined ? Number.NaN : Number(value);
    });
  }
}
