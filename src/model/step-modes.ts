import type { DecodePhase, StageName } from "./framework.ts";

/** What the forward mode of a `step[MODE …]` annotation means. */
interface StepMode {
  readonly stage: StageName;
  /** Speculative decoding splits a decode step in two. */
  readonly phase: DecodePhase | null;
}

const DRAFT: StepMode = { stage: "decode", phase: "draft" };
const VERIFY: StepMode = { stage: "decode", phase: "verify" };
const PREFILL: StepMode = { stage: "prefill", phase: null };
const DECODE: StepMode = { stage: "decode", phase: null };

/**
 * Words of SGLang's forward modes (TARGET_VERIFY, DRAFT_EXTEND_V2, SPLIT_PREFILL, DLLM_EXTEND, …) in
 * the order in which they decide: a draft model's extend is a part of decoding. The one vocabulary
 * for reading traces and for counting steps while they are captured.
 */
const WORDS: readonly (readonly [word: string, mode: StepMode])[] = [
  ["VERIFY", VERIFY],
  ["DRAFT", DRAFT],
  ["MIXED", { stage: "mixed", phase: null }],
  ["EXTEND", PREFILL],
  ["PREFILL", PREFILL],
  ["PREBUILT", PREFILL],
  ["DECODE", DECODE],
  ["IDLE", { stage: "all", phase: null }],
];

/** Null for a mode with no word we know. */
export function stepMode(mode: string): StepMode | null {
  const words = mode.split("_");
  return WORDS.find(([word]) => words.includes(word))?.[1] ?? null;
}
