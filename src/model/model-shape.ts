/**
 * What a model's configuration (config.json of its checkpoint) says of the sizes of its layers. Null
 * is what it does not say; nothing here is a default of ours.
 */
export interface ModelShape {
  /** File it was read from. */
  readonly path: string;
  /** Name of the model's class, "" where none is given. */
  readonly architecture: string;
  readonly layers: number | null;
  readonly hidden: number | null;
  readonly vocabulary: number | null;
  readonly heads: number | null;
  readonly kvHeads: number | null;
  readonly headDim: number | null;
  /** Dims of a head that rotary embedding turns; null where it is not said: all of them. */
  readonly rotaryDim: number | null;
  /** The query projection also gives a gate for the attention's output. */
  readonly hasOutputGate: boolean;
  /** Some layers attend to a window only. */
  readonly hasWindow: boolean;
  /** Width of the dense MLP, null where no layer has one. */
  readonly inner: number | null;
  /** Whether the MLP has a gate; null where the configuration leaves it open. */
  readonly isGated: boolean | null;
  readonly latent: LatentShape | null;
  readonly experts: ExpertShape | null;
  readonly linear: LinearShape | null;
  /** Element type of what is not quantised. */
  readonly type: string | null;
  readonly quantised: QuantisedShape | null;
}

/** Multi-head latent attention. */
export interface LatentShape {
  /** Null: queries are projected in one step. */
  readonly queryRank: number | null;
  readonly cacheRank: number;
  /** Per head: dims without and with rotary embedding, and of the values. */
  readonly plainDim: number;
  readonly ropeDim: number;
  readonly valueDim: number;
}

export interface ExpertShape {
  readonly count: number;
  readonly chosen: number;
  readonly inner: number;
  /** Width of all shared experts together, null without one. */
  readonly sharedInner: number | null;
  /** How many layers have experts instead of the dense MLP. */
  readonly layers: number;
}

/** Layers of linear attention between the others. */
export interface LinearShape {
  readonly layers: number;
  readonly valueDim: number | null;
}

export interface QuantisedShape {
  /** The method as the configuration spells it. */
  readonly method: string;
  /** Element types of weights and of what they are multiplied with; null where they are not told. */
  readonly weight: string | null;
  readonly activation: string | null;
  /** Names of modules that stay as they are: parts of names, globs, or `re:` expressions. */
  readonly kept: readonly string[];
  /** Only the experts are quantised. */
  readonly expertsOnly: boolean;
}
