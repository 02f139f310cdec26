import type { DecodePhase, StageName, StepRequests } from "../framework.ts";
import type { CategoryGround } from "../rule.ts";
import type { Trace } from "./trace.ts";
import type { Nanoseconds, Row } from "./units.ts";

/** How a kernel's site was found, most direct first. Order is the byte stored in `viaOf`. */
export const VIA = [
  "none",
  "direct",
  "graph-capture",
  "mapping-sequence",
  "layer-context",
  "single-site-name",
] as const;
export type Via = (typeof VIA)[number];
export const VIA_CODE = {
  none: 0,
  direct: 1,
  "graph-capture": 2,
  "mapping-sequence": 3,
  "layer-context": 4,
  "single-site-name": 5,
} as const satisfies Record<Via, number>;

/** The place in the code that launched a kernel. Interned: equal sites share an index. */
export interface Site {
  /** "vllm/_custom_ops.py:334", or null when no Python stack was recorded. */
  readonly location: string | null;
  /** Python function of that frame. */
  readonly fn: string | null;
  /** nn.Module path without instance numbers, outermost first: "Qwen3DecoderLayer.Qwen3Attention.RMSNorm". */
  readonly module: string | null;
  /** The same with the profiler's instance numbers: "Qwen3DecoderLayer_0.Qwen3Attention_0.RMSNorm_1". */
  readonly modulePath: string | null;
  /** CPU op that launched it ("_C::fused_add_rms_norm"); the outermost op is `topOp`. */
  readonly cpuOp: string | null;
  readonly topOp: string | null;
  /** JSON text of the CPU op's input shapes. */
  readonly shapes: string | null;
  /** JSON text of the CPU op's input types. */
  readonly types: string | null;
  /** All enclosing Python frames, innermost first, as the file spells them but without object addresses. */
  readonly stack: readonly string[];
}

/**
 * What told a kernel's category: a class of exact names, the words of its name, the CPU op that
 * launched it, or its place among its neighbours. Fusion rules never rest on words.
 */
export type CategoryFrom = "class" | CategoryGround | "position";

/**
 * What told a kernel's role: its name, the CPU op that launched it, the module or code it belongs
 * to, or its place among its neighbours.
 */
export type RoleFrom = "class" | "op" | "module" | "position";

/**
 * What matching and tables need to know of a kernel. Kernels of one name whose sites differ only in
 * module instance numbers or shapes share a symbol, so the same position of every layer has the
 * same one.
 */
export interface KernelSymbol {
  /** Index into Trace.kernelNames. */
  readonly name: number;
  /** One of the sites that share the symbol; a kernel's own, with its instance numbers, is `siteOf`. */
  readonly site: number;
  /** Category id from the vocabulary ("attention"); "other" where no definition fits. */
  readonly category: string;
  /** What told the category; null for "other". */
  readonly categoryFrom: CategoryFrom | null;
  /** Role within a layer ("qkv_proj"), null where nothing tells it for sure. */
  readonly role: string | null;
  /** What told the role, null without one. */
  readonly roleFrom: RoleFrom | null;
  /** In words what its place told: "the GEMM between attention and a layer norm". Null where the place did not tell it. */
  readonly roleGround: string | null;
  readonly library: string | null;
}

/** One scheduler iteration: a CPU window and the GPU work it launched. */
export interface Step {
  readonly index: number;
  readonly stage: StageName;
  /** Annotation text, or what told the stage. */
  readonly label: string;
  readonly from:
    | "annotation"
    | "python-frame"
    | "layers"
    | "graph-launch"
    | "host-copies"
    | "capture-layout"
    | "file-name"
    | "whole-trace";
  readonly cpuStart: Nanoseconds;
  readonly cpuEnd: Nanoseconds;
  readonly batchSize: number | null;
  readonly tokens: number | null;
  /** By kind of request; all null where nothing tells. */
  readonly requests: StepRequests;
  readonly phase: DecodePhase | null;
  /** A step for certain, in a mode we have no word for. */
  readonly isUnknown: boolean;
}

export interface LayerPosition {
  readonly position: number;
  /** Symbol most often seen here. */
  readonly symbol: number;
  readonly medianNs: Nanoseconds;
  readonly minNs: Nanoseconds;
  readonly maxNs: Nanoseconds;
  /** Layers in which this position holds that symbol. */
  readonly agreement: number;
}

/** The repeated kernel period of a stage's busiest stream. */
export interface LayerPlan {
  readonly period: number;
  readonly count: number;
  /** Share of positions equal to the one a period later, 0–1. */
  readonly matchRatio: number;
  /** Layer number per entry of StageGraph.events, -1 outside the repeated part. */
  readonly layerOf: Int32Array;
  /** Position within the layer per entry, -1 outside. */
  readonly positionOf: Int32Array;
  readonly template: readonly LayerPosition[];
}

/** The kernels of one stage. */
export interface StageGraph {
  readonly stage: StageName;
  readonly steps: readonly Step[];
  /** Rows of Trace.gpu, ascending (hence by start). */
  readonly events: Uint32Array;
  readonly layers: LayerPlan | null;
}

/**
 * The op call around the launch of each GPU event, with its arguments. A replayed kernel's call was
 * recorded while its graph was captured, or in the mapping trace: it lies in that trace.
 */
export interface KernelCalls {
  /** The traces that calls lie in; the graph's own first. */
  readonly traces: readonly Trace[];
  /** Per GPU row: index into {@link traces}. */
  readonly traceOf: Uint8Array;
  /** Per GPU row: row in that trace's ops, -1 where no op was recorded around the launch. */
  readonly opOf: Int32Array;
  /** Per GPU row: row in that trace's launches, -1 where the launch itself was not recorded. */
  readonly launchOf: Int32Array;
}

/** Attributed kernels: per GPU row its symbol, site, how the site was found, and its step. */
export interface KernelGraph {
  readonly trace: Trace;
  readonly symbols: readonly KernelSymbol[];
  readonly sites: readonly Site[];
  /** Per GPU row: index into symbols. */
  readonly symbolOf: Uint32Array;
  /** Per GPU row: index into sites. Site 0 is the empty site. */
  readonly siteOf: Uint32Array;
  /** Per GPU row: index into {@link VIA}. */
  readonly viaOf: Uint8Array;
  /** Per GPU row: row in Trace.launches, -1 when the launch is not in the trace. */
  readonly launchOf: Int32Array;
  /** Per launch: 1 where the call replays a captured CUDA or HIP graph. */
  readonly isReplay: Uint8Array;
  readonly calls: KernelCalls;
  readonly steps: readonly Step[];
  /** Per GPU row: index into steps, -1 when no step launched it. */
  readonly stepOf: Int32Array;
  /** In report order: prefill, decode, mixed, all; only stages with GPU events. */
  readonly stages: readonly StageGraph[];
}

/** Per-event accessor bundle that keeps loops readable. */
export function symbolAt(graph: KernelGraph, row: Row): KernelSymbol {
  return graph.symbols[graph.symbolOf[row]!]!;
}

/** "vllm/_custom_ops.py:334 fused_add_rms_norm", null where no Python frame is known. */
export function placeText({ location, fn }: Pick<Site, "location" | "fn">): string | null {
  return location === null || fn === null ? location : `${location} ${fn}`;
}
