import { stepMode } from "../../model/step-modes.ts";

/** Engine steps a trace holds, by kind; what `num_steps` asked for and what came may differ. */
export interface StepCounts {
  readonly prefill: number;
  readonly decode: number;
  /** Steps with prefill and decode requests in one batch. */
  readonly mixed: number;
}

/** Bytes around a step's name that surely hold its whole event up to there. */
const LOOK = 512;
const NEEDLES = [Buffer.from('"step['), Buffer.from('"execute_')];

/**
 * Counts step annotations in the bytes of a trace as they come by, without reading them as JSON.
 * Only spans of the host count: the GPU repeats each name.
 */
export class StepCounter {
  #counts = { prefill: 0, decode: 0, mixed: 0 };
  #carry: Buffer = Buffer.alloc(0);
  /** Offset in `#carry` up to which names were counted. */
  #done = 0;

  add(chunk: Buffer): void {
    this.#scan(Buffer.concat([this.#carry, chunk]), false);
  }

  /** Null when the trace has no step annotations: then nobody knows. */
  finish(): StepCounts | null {
    this.#scan(this.#carry, true);
    const { prefill, decode, mixed } = this.#counts;
    return prefill + decode + mixed === 0 ? null : { prefill, decode, mixed };
  }

  #scan(bytes: Buffer, last: boolean): void {
    const end = last ? bytes.length : Math.max(this.#done, bytes.length - LOOK);
    for (const needle of NEEDLES) {
      let at = bytes.indexOf(needle, this.#done);
      for (; at >= 0 && at < end; at = bytes.indexOf(needle, at + 1)) this.#count(bytes, at);
    }
    const keepFrom = Math.max(0, end - LOOK);
    this.#carry = bytes.subarray(keepFrom);
    this.#done = end - keepFrom;
  }

  #count(bytes: Buffer, at: number): void {
    const before = bytes.toString("latin1", Math.max(0, at - LOOK), at);
    if (!/"name"\s*:\s*$/.test(before)) return;
    const event = before.slice(before.lastIndexOf("{")) + bytes.toString("latin1", at, at + LOOK);
    const category = /"cat"\s*:\s*"([^"]*)"/.exec(event)?.[1] ?? "";
    if (category.startsWith("gpu_")) return;
    const kind = stepKind(bytes.toString("latin1", at + 1, at + LOOK).split('"')[0]!);
    if (kind !== null) this.#counts[kind]++;
  }
}

/**
 * SGLang and TensorRT-LLM write `step[EXTEND bs=4 …]`, vLLM `execute_context_1(888)_generation_0(0)`,
 * `execute_8192_context_9(…)_generation_37(…)` or, before, `execute_new_5_cached_3`. Steps of a draft
 * model (`draft step[…]`) and parts of a step (`step[…] sample`) are no steps of their own.
 */
function stepKind(name: string): keyof StepCounts | null {
  const mode = /^step\[([A-Z_0-9]+)[^\]]*\]$/.exec(name)?.[1];
  if (mode !== undefined) {
    const told = stepMode(mode);
    // Drafting happens once or more within every step that verifies.
    return told === null || told.phase === "draft" || told.stage === "all" ? null : told.stage;
  }
  const counts =
    /^execute_(?:\d+_)?context_(\d+)(?:\([^)]*\))?_generation_(\d+)(?:\([^)]*\))?$/.exec(name) ??
    /^execute_new_(\d+)_cached_(\d+)$/.exec(name);
  if (counts === null) return null;
  const [fresh, running] = [Number(counts[1]), Number(counts[2])];
  if (fresh > 0) return running > 0 ? "mixed" : "prefill";
  return running > 0 ? "decode" : null;
}
