import type { FrameworkId } from "../../../src/model/framework.ts";
import { doubleTrace, type Forward, IDLE } from "./double-trace.ts";
import { type Engine, ServerGone, type Window } from "./engine.ts";
import type { Faults } from "./fault.ts";
import { saveTrace } from "./save-trace.ts";

/**
 * What the doubles were read from, the one meant without a word first: each engine's releases differ where a client
 * notices. TensorRT-LLM is named by what its executor can do; its images do not tell their commit.
 */
const RELEASES = {
  /** The second profiler (SGLANG_PROFILE_V2=1); 0.4.9 records one forward less and dies of a second start. */
  sglang: ["0.5.23", "0.5.23 SGLANG_PROFILE_V2", "0.4.9"],
  /** 0.32 and 0.33 take parameters of a session; 0.8.5 names its files otherwise. */
  vllm: ["0.26.0", "0.33.0", "0.32.0", "0.8.5"],
  trtllm: ["profile routes", "one file a rank", "one file"],
  tokenspeed: ["0.1.1"],
} as const satisfies Record<FrameworkId, readonly string[]>;

export type Release = (typeof RELEASES)[FrameworkId][number];

export interface DoubleOptions {
  readonly framework: FrameworkId;
  /** The release whose code the double was read from, one of {@link RELEASES}. */
  readonly release?: Release;
  readonly ranks?: number;
  /** Any free one when left out. */
  readonly port?: number;
  /** Seconds pass so many times faster, here and in the client under test. */
  readonly speed: number;
  /** Directory (vLLM) or file (TensorRT-LLM by environment) given at launch. */
  readonly launchPath?: string;
  /** TLLM_PROFILE_START_STOP. */
  readonly launchWindow?: readonly [number, number];
  readonly serverArgs?: Readonly<Record<string, unknown>>;
  /** A router's workers: its load goes through all of them, in this order. */
  readonly workers?: readonly { readonly url: string }[];
  readonly faults?: Partial<Faults>;
}

/** What a route answers; `null` = never. */
export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
} | null;

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** One framework's behaviour behind the common plumbing: one file each. */
export interface DoubleRoutes {
  /** Also listen on the next port (TokenSpeed's control server). */
  readonly control?: (path: string) => Answer;
  /** A stop is answered once rank 0 has saved (TensorRT-LLM). */
  readonly awaitsRank0Only?: boolean;
  answer(call: Call): Promise<Answer>;
  /** Name of a rank's trace below the window's directory. */
  fileName(window: Window, rank: number, stage: Forward["kind"] | null): string;
  /** A trace of another process, saved three seconds before the ranks'. */
  frontEndFile?(window: Window): string;
}

/** What the routes of a framework work with. */
export interface DoubleHost {
  readonly options: DoubleOptions;
  readonly ranks: number;
  readonly faults: () => Faults;
  readonly engine: Engine;
  readonly log: string[];
  /** Savings put off until the next session saves. */
  readonly held: (() => Promise<void>)[];
  /** The server's own clock, ms since 1970: runs as fast as its seconds do. */
  time(): number;
  pause(seconds: number): Promise<void>;
  die(): void;
}

/** A tokenizer that counts words, give or take. */
export function tokensOf({ faults }: DoubleHost, prompt: string): number {
  return Math.ceil(prompt.split(" ").length * faults().tokensPerWord);
}

const CHUNK = 8192;
const OTHERS: Forward = { kind: "DECODE", batchSize: 7, tokens: 7 };

/**
 * Runs the forwards of one request: prefill in chunks, then a decode step for every further token.
 * Words count as tokens.
 *
 * @returns tokens generated
 */
export async function complete(
  host: DoubleHost,
  prompt: string,
  output: number,
  ignoreEos: boolean,
): Promise<{ promptTokens: number; outputTokens: number; text: string }> {
  const { eosAfter, extraForwards, dieAt } = host.faults();
  if (dieAt === "recording" && host.engine.window !== null) {
    host.die();
    throw new ServerGone();
  }
  const promptTokens = tokensOf(host, prompt);
  const outputTokens = eosAfter === null || ignoreEos ? output : Math.min(output, eosAfter);
  const forwards: Forward[] = [];
  for (let left = promptTokens; left > 0; left -= CHUNK)
    forwards.push({ kind: "EXTEND", batchSize: 1, tokens: Math.min(left, CHUNK) });
  for (let token = 1; token < outputTokens; token++)
    forwards.push({ kind: "DECODE", batchSize: 1, tokens: 1 });
  const others = Array.from({ length: extraForwards }, () => OTHERS);
  const last = host.options.framework === "vllm" ? [IDLE] : [];
  await host.engine.run([...forwards.flatMap((forward) => [forward, ...others]), ...last]);
  return { promptTokens, outputTokens, text: "word ".repeat(outputTokens).trim() };
}

/** The prefill worker makes the first token, the decode worker the rest; here both just run the request. */
export async function throughWorkers(
  workers: readonly { readonly url: string }[],
  path: string,
  body: object,
): Promise<Answer> {
  let last: unknown = null;
  for (const { url } of workers) {
    const init = { method: "POST", body: JSON.stringify(body) };
    last = await (await fetch(`${url}${path}`, init)).json();
  }
  return { status: 200, body: last };
}

/** The routes of an OpenAI server that all but SGLang's native one share. */
export async function openAiAnswer(
  host: DoubleHost,
  owner: string | null,
  { method, path, body }: Call,
): Promise<Answer | undefined> {
  const { faults } = host;
  if (path === "/v1/models") {
    const model = {
      id: "tiny-model",
      object: "model",
      ...(owner === null ? {} : { owned_by: owner }),
      ...(owner === "vllm" ? { root: "/models/tiny-model" } : {}),
      ...(faults().contextLimit === null ? {} : { max_model_len: faults().contextLimit }),
    };
    return { status: 200, body: { object: "list", data: faults().noModels ? [] : [model] } };
  }
  if (path === "/health") {
    const busy = faults().unhealthyWhileSaving && host.engine.saving;
    return { status: busy ? 503 : 200 };
  }
  if (path !== "/v1/completions" || method !== "POST") return undefined;
  if (host.options.workers !== undefined) return throughWorkers(host.options.workers, path, body);
  const { prompt, max_tokens: maxTokens } = body as { prompt: string; max_tokens: number };
  const limit = faults().contextLimit;
  if (limit !== null && tokensOf(host, prompt) + maxTokens > limit)
    return {
      status: 400,
      body: { error: { message: `This model's maximum context length is ${limit} tokens.` } },
    };
  if (faults().strictFields && "ignore_eos" in body)
    return { status: 400, body: { error: { message: "extra_forbidden: ('body', 'ignore_eos')" } } };
  const done = await complete(host, prompt, maxTokens, body.ignore_eos === true);
  return {
    status: 200,
    body: {
      object: "text_completion",
      choices: [{ index: 0, text: done.text, finish_reason: "length" }],
      usage: { prompt_tokens: done.promptTokens, completion_tokens: done.outputTokens },
    },
  };
}

/** 404 as the framework words it, or as a proxy in front of it does. */
export function notFound(host: DoubleHost): Answer {
  return host.faults().noStartRoute === "html"
    ? { status: 404, text: "<html><body><h1>404 Not Found</h1></body></html>" }
    : { status: 404, body: { detail: "Not Found" } };
}

/** Saves the traces of all ranks, as slowly and as badly as told. */
export async function saveAll(
  host: DoubleHost,
  routes: DoubleRoutes,
  session: number,
  window: Window,
  stage: Forward["kind"] | null,
): Promise<void> {
  const faults = host.faults();
  if (faults.swallow) {
    host.log.push("ERROR Failed to stop profiler: [Errno 2] No such file or directory");
    return;
  }
  if (faults.readonlyDirectory) return failToSave(host);
  const directory = faults.writesTo ?? window.directory;
  const save = async (name: string, rank: number, forwards: readonly Forward[]) =>
    saveTrace(
      `${directory}/${name}`,
      doubleTrace(host.options.framework, forwards, rank),
      faults,
      host.pause,
    );
  const names = Array.from({ length: host.ranks }, (_, rank) =>
    routes.fileName(window, rank, stage),
  );
  await Promise.all(host.held.splice(0).map((saving) => saving()));
  await host.pause(faults.flushSeconds);
  const frontEnd = routes.frontEndFile?.(window);
  if (frontEnd !== undefined) {
    await save(frontEnd, 0, []);
    await host.pause(3);
  }
  const first = save(names[0]!, 0, window.recorded);
  const rest = first.then(async () => {
    for (let rank = 1; rank < host.ranks; rank++) {
      await host.pause(faults.rankLagSeconds);
      const saving = () => save(names[rank]!, rank, window.recorded);
      if (faults.lateFirstSession && session === 1) host.held.push(saving);
      else await saving();
    }
  });
  await (routes.awaitsRank0Only ? first : rest);
  if (faults.dieAt === "saving") host.die();
  if (host.engine.dead) throw new ServerGone();
}

function failToSave(host: DoubleHost): void {
  if (host.options.framework === "vllm") {
    host.log.push("ERROR Failed to stop profiler: [Errno 13] Permission denied");
    return;
  }
  host.die();
  throw new ServerGone();
}
