import type { StageName } from "../../model/framework.ts";
import { STAGES } from "../../model/framework.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { NO_ROW } from "../../model/trace/units.ts";
import type { StepAssignment } from "./assign-steps.ts";

/** Attention that reads one new token a request, whatever the engine: it cannot prefill. */
const DECODES =
  /paged_attention_(?:v[12]_kernel|ll4mi|decode)|BatchDecodeWith|SingleDecode|fmha\w*ForGen|kernel_unified_attention_3d|kernel_paged_attention_2d|_fwd_(?:grouped_)?kernel_stage1|(?:splitkv_mla|mla_decode|masked_multihead_attention|\bmmha_)/i;
/** Attention over many new tokens of a request: it is not used to decode. */
const PREFILLS =
  /fmha\w*(?:PersistentContext|StaticContext)|BatchPrefillWithRagged|SinglePrefill|context_(?:attention|fwd)|mla_prefill|prefill_attention/i;
/** Writes the KV cache, one block of threads a token. */
const CACHE_WRITE = /reshape_and_cache(?:_flash)?_kernel/;
/** So much of a pass is one graph. */
const MOST = 0.8;

/** What the kernels of one pass say. */
interface PassFacts {
  readonly decodes: string | null;
  readonly prefills: string | null;
  /** New tokens of all requests; null where nothing tells. */
  readonly tokens: number | null;
  readonly isGraph: boolean;
}

/**
 * Tells prefill and decode of passes that only their layers told apart, where it is certain: by
 * attention kernels that serve one of them only, else by graphs: an engine that replays whole passes
 * does so for decoding, if it runs the passes with more tokens in another way. A pass of which
 * neither is so stays what it was. The label says by what.
 */
export function tellPassStages(
  trace: Trace,
  launchOf: Int32Array,
  isReplay: Uint8Array,
  passes: StepAssignment,
): StepAssignment {
  const facts = factsOf(trace, launchOf, isReplay, passes);
  const others = facts.filter(({ isGraph }) => !isGraph).map(({ tokens }) => tokens);
  const leastElsewhere = others.includes(null) ? 0 : Math.min(...others.map((it) => it!));
  const steps = passes.steps.map((step, at) => {
    const { tokens } = facts[at]!;
    const told = stageOf(facts[at]!, others.length > 0 ? leastElsewhere : 0);
    if (told === null || step.stage !== "all") return step;
    const batch = told.stage === "decode" ? tokens : null;
    return {
      ...step,
      stage: told.stage,
      label: `${step.label}: ${told.stage}, ${told.why}`,
      tokens,
      batchSize: batch,
    };
  });
  const stageOfRow = passes.stageOf.slice();
  for (let row = 0; row < stageOfRow.length; row++) {
    const step = steps[passes.stepOf[row]!];
    if (step !== undefined) stageOfRow[row] = STAGES.indexOf(step.stage);
  }
  return { steps, stepOf: passes.stepOf, stageOf: stageOfRow };
}

function stageOf(
  { decodes, prefills, tokens, isGraph }: PassFacts,
  leastElsewhere: number,
): { readonly stage: StageName; readonly why: string } | null {
  if (decodes !== null && prefills !== null)
    return { stage: "mixed", why: `by ${prefills} and ${decodes}` };
  if (prefills !== null) return { stage: "prefill", why: `by ${prefills}` };
  if (decodes !== null) return { stage: "decode", why: `by ${decodes}` };
  if (isGraph && tokens !== null && tokens < leastElsewhere)
    return {
      stage: "decode",
      why: `as one graph of ${tokens} tokens, passes of ${leastElsewhere} and more run without`,
    };
  return null;
}

function factsOf(
  trace: Trace,
  launchOf: Int32Array,
  isReplay: Uint8Array,
  { steps, stepOf }: StepAssignment,
): readonly PassFacts[] {
  const { gpu, kernelNames, strings } = trace;
  const kinds = kernelNames.map(({ raw, short }) => ({
    short,
    decodes: DECODES.test(raw),
    prefills: PREFILLS.test(raw),
    writes: CACHE_WRITE.test(raw),
  }));
  const facts = steps.map(() => ({
    decodes: null as string | null,
    prefills: null as string | null,
    tokens: null as number | null,
    byLaunch: new Map<number, number>(),
    count: 0,
  }));
  for (let row = 0; row < gpu.count; row++) {
    const own = facts[stepOf[row]!];
    if (own === undefined) continue;
    const { short, decodes, prefills, writes } = kinds[gpu.name[row]!]!;
    own.count++;
    if (decodes) own.decodes ??= short;
    if (prefills) own.prefills ??= short;
    if (writes) own.tokens ??= gridOf(strings[gpu.dims[row]!]!);
    const launch = launchOf[row]!;
    if (launch !== NO_ROW && isReplay[launch] === 1)
      own.byLaunch.set(launch, (own.byLaunch.get(launch) ?? 0) + 1);
  }
  return facts.map(({ decodes, prefills, tokens, byLaunch, count }) => ({
    decodes,
    prefills,
    tokens,
    isGraph: Math.max(0, ...byLaunch.values()) >= MOST * count,
  }));
}

/** First extent of "888,1,1/512,1,1"; null where none is recorded. */
function gridOf(dims: string): number | null {
  const first = Number.parseInt(dims, 10);
  return Number.isNaN(first) ? null : first;
}
