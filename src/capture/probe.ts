import { TriageError } from "../model/errors.ts";
import type { FrameworkId } from "../model/framework.ts";
import { type CaptureHooks, contextOf } from "./capture-options.ts";
import { recogniseServer } from "./recognise-server.ts";
import { type SentProbe, sendProbe } from "./run/send-load.ts";

interface ProbeOptions {
  readonly url: string;
  readonly framework: FrameworkId | null;
  readonly apiKey: string | null;
  readonly modelId: string | null;
  readonly requests: number;
  readonly outputTokens: number;
  readonly timeoutSeconds: number;
}

export const DEFAULT_PROBE_OPTIONS = {
  framework: null,
  apiKey: null,
  modelId: null,
  requests: 6,
  outputTokens: 48,
  timeoutSeconds: 60,
} as const satisfies Omit<ProbeOptions, "url">;

/** How a server answers a handful of small requests, one after the other. */
export interface ProbeReport {
  readonly url: string;
  readonly framework: FrameworkId;
  readonly evidence: string;
  readonly version: string | null;
  readonly model: string | null;
  readonly requests: number;
  /** Answered with text. */
  readonly answered: number;
  /** Answered with nothing: the server runs, but generates no text. */
  readonly empty: number;
  readonly failed: number;
  /** Of the answered ones, whole milliseconds; null when there are none. */
  readonly latencyMs: {
    readonly min: number;
    readonly median: number;
    readonly max: number;
  } | null;
  readonly samples: readonly { readonly prompt: string; readonly text: string }[];
  readonly errors: readonly string[];
}

const PROMPTS = [
  "Name three uses of a kernel fusion.",
  "What does a prefill step compute?",
  "Count from one to ten.",
];
const SAMPLES = 3;
const SAMPLE_LENGTH = 200;

/**
 * Sends a few short requests and tells whether text comes back and how fast. Nothing is profiled.
 *
 * @throws {TriageError} when the server cannot be recognised; failed requests are part of the report.
 */
export async function probeServer(
  options: ProbeOptions,
  hooks: CaptureHooks = {},
): Promise<ProbeReport> {
  const context = contextOf(hooks);
  const server = await recogniseServer(options.url, { ...options, ...context });
  const modelId = options.modelId ?? server.facts.modelIds[0] ?? "";
  const { contextLimit } = server.facts;
  const target = { ...server, modelId, contextLimit, timeoutMs: options.timeoutSeconds * 1000 };
  const sent: { prompt: string; reply: SentProbe }[] = [];
  const errors: string[] = [];
  for (let index = 0; index < options.requests; index++) {
    const prompt = PROMPTS[index % PROMPTS.length]!;
    try {
      const probe = { prompt, outputTokens: options.outputTokens };
      sent.push({ prompt, reply: await sendProbe(target, probe) });
    } catch (error) {
      context.signal?.throwIfAborted();
      if (!(error instanceof TriageError)) throw error;
      errors.push(error.message);
    }
  }
  const answered = sent.filter(({ reply }) => reply.text.trim() !== "");
  return {
    url: server.link.url,
    framework: server.driver.id,
    evidence: server.evidence,
    version: server.facts.version,
    model: server.facts.model,
    requests: options.requests,
    answered: answered.length,
    empty: sent.length - answered.length,
    failed: errors.length,
    latencyMs: spread(answered.map(({ reply }) => reply.latencyMs)),
    samples: answered
      .slice(0, SAMPLES)
      .map(({ prompt, reply }) => ({ prompt, text: reply.text.slice(0, SAMPLE_LENGTH) })),
    errors: [...new Set(errors)],
  };
}

function spread(values: readonly number[]): ProbeReport["latencyMs"] {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)]!;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}
