import {
  completionReply,
  completionRequest,
  countOf,
  isObject,
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
  identify: ({ models }) =>
    ownedBy(models, "vllm")
      ? { certainty: CERTAINTY.named, evidence: '/v1/models says owned_by "vllm"' }
      : null,
  readFacts,
  // The routes exist only when a profiler is configured.
  checkProfiling: (link) => findRoutes(ROUTES, link),
  // No body: released versions read none, and some newer ones refuse fields they do not know.
  start: (link, _, deadlineMs) => startProfile(ROUTES, link, deadlineMs),
  stop: (link, deadlineMs) => stopProfile(ROUTES, link, deadlineMs),
  traceFile,
  request: ({ prompt, outputTokens }, modelId) => completionRequest(prompt, outputTokens, modelId),
  readReply: completionReply,
  nothingWrittenHint:
    "vLLM answers success even when it could not save: look for 'Failed to start profiler' or 'Failed to stop profiler' in its log. Give the directory of its torch_profiler_dir, as seen here, with --trace-dir; a relative one counts from the server's working directory.",
};

function readFacts({ url, models, serverInfo, version }: ServerClues): ServerFacts {
  const first = modelList(models)[0] ?? {};
  const raw = objectOf(serverInfo) ?? {};
  const tp = configNumber(raw, "tensor_parallel_size");
  const pp = configNumber(raw, "pipeline_parallel_size") ?? 1;
  const dp = configNumber(raw, "data_parallel_size") ?? 1;
  return {
    framework: "vllm",
    url,
    model: textOf(first.root) ?? textOf(first.id),
    modelIds: modelIds(models),
    version: textOf(objectOf(version)?.version),
    tp,
    traceFiles: tp === null ? null : tp * pp * dp,
    contextLimit: countOf(first.max_model_len),
    prefillChunk: configNumber(raw, "max_num_batched_tokens"),
    traceDirectory: configText(raw, "torch_profiler_dir"),
    disaggregation: null,
    raw,
  };
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
