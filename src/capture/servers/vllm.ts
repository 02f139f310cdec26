import { isObject } from "../../base/is-object.ts";
import {
  completionReply,
  completionRequest,
  countOf,
  modelIds,
  modelList,
  objectOf,
  ownedBy,
  textOf,
} from "../net/replies.ts";
import {
  CERTAINTY,
  type ServerClues,
  type ServerDriver,
  type ServerFacts,
  type TraceFileName,
} from "../server-driver.ts";
import {
  findRoutes,
  noRoute,
  type ProfileRoutes,
  startProfile,
  stopProfile,
} from "./profile-routes.ts";

/** vLLM: everything about a profile is fixed at launch; start and stop carry nothing and hide failures. */
export const vllm: ServerDriver = {
  id: "vllm",
  title: "vLLM",
  directoryFrom: "launch",
  boundsSteps: false,
  skipsSteps: false,
  closesByTraffic: false,
  stopAwaitsFiles: true,
  stopNeedsStep: false,
  untaken: {
    byStage: "--profile-by-stage is left out: vLLM saves one file for all of a session.",
    prefix: "--profile-prefix is left out: vLLM takes one from 0.32 on.",
    noStacks: atLaunch("--no-stacks is left out", "torch_profiler_with_stack", false),
    shapes: atLaunch("Input shapes may be missing", "torch_profiler_record_shapes", true),
    noShapes: atLaunch("--no-shapes is left out", "torch_profiler_record_shapes", false),
  },
  ofRelease,
  identify: ({ models }) =>
    ownedBy(models, "vllm")
      ? { certainty: CERTAINTY.named, evidence: '/v1/models says owned_by "vllm"' }
      : null,
  readFacts,
  // The routes exist only when a profiler is configured.
  checkProfiling: (link) => findRoutes(ROUTES, link),
  // No body: releases before 0.32 read none.
  start: (link, _, deadlineMs) => startProfile(ROUTES, link, deadlineMs),
  stop: (link, deadlineMs) => stopProfile(ROUTES, link, deadlineMs),
  traceFile,
  request: ({ prompt, outputTokens }, modelId) => completionRequest(prompt, outputTokens, modelId),
  readReply: completionReply,
  nothingWrittenHint:
    "vLLM answers success even when it could not save: look for 'Failed to start profiler' or 'Failed to stop profiler' in its log. Give the directory of its torch_profiler_dir, as seen here, with --trace-dir; a relative one counts from the server's working directory.",
};

function atLaunch(what: string, option: string, value: boolean): string {
  return `${what}: this vLLM decides at launch, by --profiler-config '{"${option}":${value}}'.`;
}

/**
 * From 0.32 a start request bounds its session, from 0.33 it also says what is recorded. A delay
 * counts the call that starts the profiler, so skipping one step is a delay of two. Bounds count
 * empty steps as well, and an engine that has nothing left to do takes one to tell its workers which
 * requests ended: one after each request of a prefill stage, whose load alone then ends the window.
 */
function ofRelease({ version }: ServerFacts): ServerDriver {
  const minor = minorOf(version);
  if (minor === null || minor < 32) return vllm;
  const { byStage, prefix: _, ...atLaunchOnly } = vllm.untaken;
  const takesKwargs = minor >= 33;
  return {
    ...vllm,
    boundsSteps: true,
    skipsSteps: true,
    untaken: {
      ...(takesKwargs ? {} : atLaunchOnly),
      ...(byStage === undefined ? {} : { byStage }),
    },
    start: (link, window, deadlineMs) =>
      startProfile(ROUTES, link, deadlineMs, {
        max_iterations: window.stage === "prefill" ? 2 * window.steps : window.steps,
        delay_iterations: window.skip === 0 ? 0 : window.skip + 1,
        ...(window.prefix === null ? {} : { profile_prefix: window.prefix }),
        ...(takesKwargs
          ? {
              profiler_kwargs: { with_stack: window.withStack, record_shapes: window.recordShapes },
            }
          : {}),
      }),
  };
}

/** The 33 of "0.33.0"; from 1.0 on without bound; null where it does not tell. Builds without a release say 0.1. */
function minorOf(version: string | null): number | null {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version ?? "") ?? [];
  if (major === undefined) return null;
  return Number(major) > 0 ? Number.POSITIVE_INFINITY : Number(minor);
}

function readFacts({ url, models, serverInfo, version }: ServerClues): ServerFacts {
  const first = modelList(models)[0] ?? {};
  const raw = objectOf(serverInfo) ?? {};
  const tp = configNumber(raw, "tensor_parallel_size");
  return {
    framework: "vllm",
    url,
    model: textOf(first.root) ?? textOf(first.id),
    modelIds: modelIds(models),
    version: textOf(objectOf(version)?.version),
    tp,
    traceFiles: traceFiles(raw),
    contextLimit: countOf(first.max_model_len),
    prefillChunk: configNumber(raw, "max_num_batched_tokens"),
    traceDirectory: configText(raw, "torch_profiler_dir"),
    unprofiled: null,
    disaggregation: null,
    raw,
  };
}

/** One file per rank of this host; null where the ranks are spread over several or their number is not told. */
function traceFiles(raw: Record<string, unknown>): number | null {
  const tp = configNumber(raw, "tensor_parallel_size");
  if (tp === null || (configNumber(raw, "nnodes") ?? 1) > 1) return null;
  const size = (name: string) => configNumber(raw, name) ?? 1;
  const dp = configNumber(raw, "data_parallel_size_local") ?? size("data_parallel_size");
  return tp * size("pipeline_parallel_size") * size("prefill_context_parallel_size") * dp;
}

/** A number of the configuration that development mode shows, as an object or as Python's text of one. */
function configNumber(raw: Record<string, unknown>, name: string): number | null {
  const text = typeof raw.vllm_config === "string" ? raw.vllm_config : null;
  if (text !== null) return countOf(new RegExp(`\\b${name}=(\\d+)`).exec(text)?.[1]);
  return countOf(configValue(raw.vllm_config, name));
}

function configText(raw: Record<string, unknown>, name: string): string | null {
  const text = typeof raw.vllm_config === "string" ? raw.vllm_config : null;
  if (text !== null) return textOf(new RegExp(`\\b${name}=['"]([^'"]+)`).exec(text)?.[1]);
  return textOf(configValue(raw.vllm_config, name));
}

/** The value of `name` at the top or one level down (`parallel_config`, `profiler_config`, …). */
function configValue(config: unknown, name: string): unknown {
  if (!isObject(config)) return undefined;
  for (const part of [config, ...Object.values(config)])
    if (isObject(part) && name in part) return part[name];
  return undefined;
}

const ROUTES: ProfileRoutes = {
  noRouteHint: `This vLLM was started without a profiler. Restart it with --profiler-config '{"profiler":"torch","torch_profiler_dir":"/abs/dir"}' (before 0.13: VLLM_TORCH_PROFILER_DIR=/abs/dir), the directory visible here.`,
  isBusy: ({ status }) => status === 409,
  ownRefusal: ({ text }, message) => (/not enabled/i.test(text) ? noRoute(ROUTES, message) : null),
};

const TRACE = /^(.*?)(?:\.(\d{12,}))?\.pt\.trace\.json(?:\.gz)?$/;

function traceFile(name: string): TraceFileName | null {
  const match = TRACE.exec(name);
  // The API server's own trace has no kernels, and it lands first.
  if (match === null || /\.async_llm$/.test(match[1]!)) return null;
  const [, producer, nanoseconds] = match;
  const rank = /(?:^|[-_])rank[-_]?(\d+)$/.exec(producer!)?.[1];
  return {
    rank: rank === undefined ? null : Number(rank),
    key: producer!,
    stage: null,
    writtenAt: nanoseconds === undefined ? null : Number(nanoseconds.slice(0, -6)),
  };
}
