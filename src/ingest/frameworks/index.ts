import type {
  FrameworkDecision,
  FrameworkHints,
  FrameworkId,
  FrameworkProfile,
} from "../../model/framework.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { collectHints } from "./hints.ts";
import { sglang } from "./sglang.ts";
import { tokenspeed } from "./tokenspeed.ts";
import { trtllm } from "./trtllm.ts";
import { unknown } from "./unknown.ts";
import { vllm } from "./vllm.ts";

/** In the order in which equally strong evidence is believed. */
const FRAMEWORK_PROFILES: readonly FrameworkProfile[] = [sglang, vllm, trtllm, tokenspeed];

const BY_ID: Readonly<Record<FrameworkId | "unknown", FrameworkProfile>> = {
  sglang,
  vllm,
  trtllm,
  tokenspeed,
  unknown,
};

/**
 * Which serving engine wrote a trace: from its Python frames, its annotations and the server args
 * beside it. Kernel namespaces tell nothing (every engine runs everybody's kernels). `unknown` is an
 * answer; its evidence says what was missing.
 */
export function decideFramework(
  trace: Trace,
  options: {
    readonly serverArgs: Readonly<Record<string, unknown>> | null;
    readonly override: FrameworkId | "unknown" | null;
    readonly fileName: string;
  },
): FrameworkDecision {
  if (options.override !== null) {
    const profile = BY_ID[options.override];
    return { profile, framework: options.override, evidence: "as told by --framework" };
  }
  const hints = collectHints(trace, options);
  let best: { profile: FrameworkProfile; strength: number; evidence: string } | null = null;
  for (const profile of FRAMEWORK_PROFILES) {
    const detection = profile.detect(hints);
    if (detection !== null && detection.strength > (best?.strength ?? 0))
      best = { profile, ...detection };
  }
  return best === null
    ? { profile: unknown, framework: "unknown", evidence: whatIsMissing(hints) }
    : { profile: best.profile, framework: best.profile.id, evidence: best.evidence };
}

function whatIsMissing(hints: FrameworkHints): string {
  const frames =
    hints.frames.length === 0
      ? "the trace has no Python frames"
      : "no Python frames of a serving engine we know";
  const isStep = (name: string) => (unknown.step(name)?.stage ?? "all") !== "all";
  const steps = hints.annotations.some(isStep)
    ? "its step annotations are written by several engines"
    : "no step annotations";
  const args = hints.serverArgs === null ? "no server args" : "server args of no engine we know";
  return `${frames}, ${steps}, ${args}`;
}
