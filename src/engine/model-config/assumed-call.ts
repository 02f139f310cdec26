import type { Facts } from "../../model/facts.ts";
import type { ModelShape } from "../../model/model-shape.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { WorkInput } from "../../model/work.ts";
import type { Split } from "./split.ts";

/** A call of an op as it would have been recorded, if the configuration is this model's. */
export interface AssumedCall {
  readonly op: string;
  readonly inputs: readonly WorkInput[];
  readonly assuming: readonly string[];
  /** Distinguishes the calls of a trace. */
  readonly key: string;
  /** The same with the least that is certain, for where the trace refutes an assumption of chance. */
  readonly least?: AssumedCall;
}

/** A stage of the graph and what is known of it. */
export interface KnownStage {
  readonly stage: StageGraph;
  readonly facts: Facts;
  readonly serverArgs: Readonly<Record<string, unknown>> | null;
}

/** All that a call is assumed from. */
export interface Known {
  readonly graph: KernelGraph;
  readonly shape: ModelShape;
  readonly split: Split;
  readonly known: KnownStage;
  /** Per role and step: calls in a layer; null where the layers differ. */
  readonly perLayer: ReadonlyMap<string, number | null>;
  readonly isGated: boolean | null;
}
