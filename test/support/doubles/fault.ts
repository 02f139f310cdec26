/** What a double does wrong. Each field is one way that real servers surprise their clients. */
export interface Faults {
  /** Seconds that every forward takes. */
  readonly forwardSeconds: number;
  /** Seconds of saving before the first file appears. */
  readonly flushSeconds: number;
  /** Seconds over which a gz grows at its final name, standing still twice on the way. */
  readonly growSeconds: number;
  /** Seconds between the files of one rank and the next. */
  readonly rankLagSeconds: number;
  /** Files end early and stay so. */
  readonly truncate: "half" | "trailer" | null;
  readonly badCrc: boolean;
  /** No profile routes: 404 with such a body. */
  readonly noStartRoute: "json" | "html" | null;
  readonly apiKey: string | null;
  /** Somebody else's profile runs from the beginning. */
  readonly alreadyRunning: boolean;
  /** Saving fails and is only logged. */
  readonly swallow: boolean;
  /** Traces go to this directory whatever was asked (a container's own file system). */
  readonly writesTo: string | null;
  /** The server's user may not write the directory. */
  readonly readonlyDirectory: boolean;
  readonly dieAt: "start" | "recording" | "saving" | null;
  readonly hangAt: "start" | "stop" | null;
  /** Answers end after so many tokens unless ignore_eos is sent. */
  readonly eosAfter: number | null;
  /** Refuses fields it does not know, ignore_eos among them. */
  readonly strictFields: boolean;
  readonly contextLimit: number | null;
  /** How its tokenizer counts words. */
  readonly tokensPerWord: number;
  readonly noModels: boolean;
  /** /health answers 503 while traces are saved. */
  readonly unhealthyWhileSaving: boolean;
  /** Decode forwards of other clients after each of ours. */
  readonly extraForwards: number;
  readonly disaggregation: "prefill" | "decode" | "router" | null;
  /** Only the first of two workers starts (TokenSpeed). */
  readonly halfStart: boolean;
  /** Asked to stop all, one of two workers does not; asked by name, "once" it does, "always" it does not. */
  readonly halfStop: "once" | "always" | null;
  /** All ranks write one file at once (TensorRT-LLM that writes one file). */
  readonly sharedPath: boolean;
  /** Rank 1's file of the first session comes only while the second runs. */
  readonly lateFirstSession: boolean;
  /** What is asked of a path that ends so is done, and answered with a body that nobody can use. */
  readonly garbled: { readonly path: string; readonly body: Garbled } | null;
}

/** Bodies of a server that is broken, or not ours at all. */
export const GARBLED = [
  "endless",
  "huge",
  "deep",
  "cut",
  "html",
  "null",
  "other types",
  "moved",
  "shorter than told",
  "a packed bomb",
] as const;
export type Garbled = (typeof GARBLED)[number];

export const NO_FAULTS: Faults = {
  forwardSeconds: 0,
  flushSeconds: 0,
  growSeconds: 0,
  rankLagSeconds: 0,
  truncate: null,
  badCrc: false,
  noStartRoute: null,
  apiKey: null,
  alreadyRunning: false,
  swallow: false,
  writesTo: null,
  readonlyDirectory: false,
  dieAt: null,
  hangAt: null,
  eosAfter: null,
  strictFields: false,
  contextLimit: null,
  tokensPerWord: 1,
  noModels: false,
  unhealthyWhileSaving: false,
  extraForwards: 0,
  disaggregation: null,
  halfStart: false,
  halfStop: null,
  sharedPath: false,
  lateFirstSession: false,
  garbled: null,
};
