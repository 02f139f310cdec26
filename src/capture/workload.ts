import type { StageName } from "../model/framework.ts";
import type { Probe, ServerDriver } from "./server-driver.ts";

/** What load to send: prefill then decode, one of them, or one free request recorded whole. */
export const WORKLOADS = ["both", "prefill", "decode", "legacy"] as const;
export type WorkloadKind = (typeof WORKLOADS)[number];

export interface WorkloadOptions {
  readonly kind: WorkloadKind;
  /** Prompt words, about one token each. Null = the default, made shorter where the context is. */
  readonly prefillInput: number | null;
  readonly prefillOutput: number;
  readonly decodeInput: number;
  readonly decodeOutput: number | null;
  readonly warmupSteps: number;
  readonly activeSteps: number;
  /** Requests sent at the same time: the batch size of the decode steps. */
  readonly concurrency: number;
  /** Prompt of the legacy workload, its answer length (null = by the steps) and how often it is sent. */
  readonly prompt: string;
  readonly promptOutput: number | null;
  readonly promptRequests: number;
}

export const DEFAULT_WORKLOAD: WorkloadOptions = {
  kind: "both",
  prefillInput: null,
  prefillOutput: 1,
  decodeInput: 1,
  decodeOutput: null,
  warmupSteps: 10,
  activeSteps: 5,
  concurrency: 1,
  prompt: "Explain how a kernel fusion saves memory traffic.",
  promptOutput: null,
  promptRequests: 1,
};

const PREFILL_INPUT = 4090;
const DECODE_OUTPUT = 2048;
/** Tokens a server may add to a prompt (begin of sequence), and what a word may take beyond one. */
const SLACK = 5;

/** How the window of a server is bounded; see ServerDriver. */
type WindowControl = Pick<ServerDriver, "boundsSteps" | "skipsSteps" | "closesByTraffic">;

/** The load of one recorded window. */
export interface StageLoad {
  readonly stage: Exclude<StageName, "mixed">;
  readonly warmup: readonly Probe[];
  /** Requests while recording, in groups sent at the same time. */
  readonly recorded: readonly (readonly Probe[])[];
  /** Steps of this stage the user asked for; null where any number will do (legacy). */
  readonly asked: number | null;
  /** Steps to record, with the lead-in that comes before them. */
  readonly windowSteps: number;
  readonly skipSteps: number;
}

export interface WorkloadPlan {
  readonly loads: readonly StageLoad[];
  /** What differs from the defaults and why. */
  readonly notes: readonly string[];
}

/** The requests do not fit the model's context: said before anything is sent. */
export class ContextLimitError extends Error {}

/**
 * Plans the requests of every window.
 *
 * Each prompt begins with words of its own, so that no prefix cache shortens a prefill; `salt` keeps
 * two runs against one server apart. Where a start request carries no number of steps, the recorded
 * decode request is capped instead: unbounded, it would record thousands of steps.
 *
 * @param contextLimit tokens of prompt and answer together; null = not known
 * @throws {ContextLimitError} when lengths the user chose do not fit.
 */
export function planWorkload(
  options: WorkloadOptions,
  control: WindowControl,
  contextLimit: number | null,
  salt: number,
): WorkloadPlan {
  const notes: string[] = [];
  const prompts = new PromptSeries(salt);
  const loads: StageLoad[] = [];
  if (options.kind === "both" || options.kind === "prefill")
    loads.push(prefillLoad(options, control, contextLimit, prompts, notes));
  if (options.kind === "both" || options.kind === "decode")
    loads.push(decodeLoad(options, control, contextLimit, prompts, notes));
  if (options.kind === "legacy") loads.push(legacyLoad(options));
  return { loads, notes };
}

function prefillLoad(
  options: WorkloadOptions,
  control: WindowControl,
  contextLimit: number | null,
  prompts: PromptSeries,
  notes: string[],
): StageLoad {
  const output = options.prefillOutput;
  const room = contextLimit === null ? null : contextLimit - output - SLACK;
  const input = lengthFor("prompt", options.prefillInput, PREFILL_INPUT, room, contextLimit, notes);
  const probe = () => ({ prompt: prompts.next(input), outputTokens: output });
  const groups = options.activeSteps + (control.closesByTraffic ? 1 : 0);
  return {
    stage: "prefill",
    warmup: repeat(options.warmupSteps, probe),
    recorded: repeat(groups, () => repeat(options.concurrency, probe)),
    asked: options.activeSteps,
    windowSteps: options.activeSteps,
    skipSteps: 0,
  };
}

function decodeLoad(
  options: WorkloadOptions,
  control: WindowControl,
  contextLimit: number | null,
  prompts: PromptSeries,
  notes: string[],
): StageLoad {
  const steps = options.activeSteps;
  const room = contextLimit === null ? null : contextLimit - options.decodeInput - SLACK;
  const wanted = lengthFor(
    "answer",
    options.decodeOutput,
    DECODE_OUTPUT,
    room,
    contextLimit,
    notes,
  );
  // The first token comes from the prefill step, every further one from a decode step.
  const output = control.boundsSteps ? wanted : Math.min(wanted, steps + 1);
  if (output < wanted)
    notes.push(
      `The answer is ${output} instead of ${wanted} tokens: this server counts no steps, so the request ends with the last one.`,
    );
  const probe = (outputTokens: number) => ({
    prompt: prompts.next(options.decodeInput),
    outputTokens,
  });
  return {
    stage: "decode",
    warmup: options.warmupSteps > 0 ? [probe(options.warmupSteps)] : [],
    recorded: [repeat(options.concurrency, () => probe(output))],
    asked: steps,
    windowSteps: control.skipsSteps ? steps : steps + 1,
    skipSteps: control.skipsSteps ? 1 : 0,
  };
}

function legacyLoad(options: WorkloadOptions): StageLoad {
  const outputTokens = options.promptOutput ?? Math.max(64, options.activeSteps * 8);
  const probe = { prompt: options.prompt, outputTokens };
  return {
    stage: "all",
    warmup: repeat(options.warmupSteps, () => ({ ...probe, outputTokens: 1 })),
    recorded: repeat(options.promptRequests, () => [probe]),
    asked: null,
    windowSteps: options.activeSteps,
    skipSteps: 0,
  };
}

/** The length to use: the user's when it fits, else the default made as short as it must be. */
function lengthFor(
  what: string,
  chosen: number | null,
  usual: number,
  room: number | null,
  contextLimit: number | null,
  notes: string[],
): number {
  const wanted = chosen ?? usual;
  if (room === null || wanted <= room) return wanted;
  const limit = `the model's context of ${contextLimit} tokens`;
  if (chosen !== null || room < 1)
    throw new ContextLimitError(`a ${what} of ${wanted} tokens does not fit ${limit}`);
  notes.push(`The ${what} is ${room} instead of ${usual} tokens, to fit ${limit}.`);
  return room;
}

/**
 * The prefill load with prompts as long as asked in this model's tokens: a word is about one, and the
 * warm-up has shown what it really is. Left alone when it is right within two percent and fits.
 *
 * @param promptTokens of the warm-up requests, as the server counted them
 */
export function fitToTokenizer(
  load: StageLoad,
  promptTokens: readonly number[],
  contextLimit: number | null,
): { readonly load: StageLoad; readonly note: string | null } {
  const asked = load.warmup[0]?.prompt.split(" ").length ?? 0;
  const longest = Math.max(...promptTokens);
  if (load.stage !== "prefill" || asked === 0 || promptTokens.length === 0)
    return { load, note: null };
  const output = load.warmup[0]!.outputTokens;
  const room = contextLimit === null ? Number.POSITIVE_INFINITY : contextLimit - output - SLACK;
  const target = Math.min(asked, room);
  const isRight = Math.abs(longest - asked) <= asked * 0.02 && longest <= room;
  if (isRight) return { load, note: null };
  const words = Math.max(1, Math.floor((asked * target) / longest));
  const cut = ({ prompt, outputTokens }: Probe) => ({
    prompt: ofWords(prompt, words),
    outputTokens,
  });
  return {
    load: { ...load, recorded: load.recorded.map((group) => group.map(cut)) },
    note: `Prompts of ${asked} words are ${longest} tokens here: ${words} words are sent for ${target} tokens.`,
  };
}

/** The load with its prefill prompts a sixteenth shorter, for a tokenizer that is not known yet. */
export function shortened(load: StageLoad): StageLoad {
  const cut = ({ prompt, outputTokens }: Probe) => {
    const words = prompt.split(" ").length;
    return { prompt: ofWords(prompt, words - Math.ceil(words / 16)), outputTokens };
  };
  return {
    ...load,
    warmup: load.warmup.map(cut),
    recorded: load.recorded.map((group) => group.map(cut)),
  };
}

function ofWords(prompt: string, words: number): string {
  const present = prompt.split(" ");
  return [...present.slice(0, words), ...repeat(words - present.length, () => "profile")].join(" ");
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: Math.max(0, count) }, make);
}

/** Everyday words that tokenizers hold as one token each. */
const MARKERS = [
  ..."time year people way day man thing woman life child world school state family student group".split(
    " ",
  ),
  ..."country problem hand part place case week company system program question work night point home water".split(
    " ",
  ),
];

/** Prompts of exact word counts that share no beginning. */
class PromptSeries {
  readonly #salt: number;
  #count = 0;

  constructor(salt: number) {
    // Fifteen bits are what three words can tell.
    this.#salt = salt % 32_768;
  }

  next(words: number): string {
    const number = this.#count++;
    // The fastest word comes first: prefix caches compare from the front.
    const digits = [number, this.#salt, this.#salt >> 5, this.#salt >> 10, number >> 5];
    const marker = digits.map((digit) => MARKERS[digit % 32]!).slice(0, words);
    return [...marker, ...repeat(words - marker.length, () => "profile")].join(" ");
  }
}
