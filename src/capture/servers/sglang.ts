import { isObject } from "../../base/is-object.ts";
import type { StageName } from "../../model/framework.ts";
import type { HttpResult } from "../net/http.ts";
import {
  completionReply,
  countOf,
  isGateway,
  modelIds,
  modelList,
  objectOf,
  ownedBy,
  textOf,
} from "../net/replies.ts";
import type { ServerLink } from "../net/server-link.ts";
import {
  CERTAINTY,
  type Identity,
  type ProbeReply,
  type ProfileWindow,
  type ServerClues,
  type ServerDriver,
  type ServerFacts,
  type TraceFileName,
} from "../server-driver.ts";
import { type ProfileRoutes, startProfile, stopProfile } from "./profile-routes.ts";

/** SGLang: a flat argument object, traces where each start request says, exports in the scheduler loop. */
export const sglang: ServerDriver = {
  id: "sglang",
  title: "SGLang",
  directoryFrom: "request",
  boundsSteps: true,
  skipsSteps: false,
  closesByTraffic: false,
  stopAwaitsFiles: true,
  stopNeedsStep: true,
  untaken: {},
  identify,
  readFacts,
  // Its start route answers GET as well, so asking whether it exists would start a profile.
  checkProfiling: async () => null,
  start,
  stop: (link, deadlineMs) => stopProfile(ROUTES, link, deadlineMs),
  traceFile,
  request: ({ prompt, outputTokens }) => ({
    path: "/generate",
    body: {
      text: prompt,
      sampling_params: { temperature: 0, max_new_tokens: outputTokens, ignore_eos: true },
      stream: false,
    },
  }),
  readReply,
  nothingWrittenHint:
    "Is the directory mounted in the server's container at the same path (see --server-output), and may the server's user write it? SGLang names the path it saves to in its log.",
};

function identify({ models, serverInfo, modelInfo }: ServerClues): Identity | null {
  if (ownedBy(models, "sglang"))
    return { certainty: CERTAINTY.named, evidence: '/v1/models says owned_by "sglang"' };
  if (servesDiffusion(modelInfo))
    return { certainty: CERTAINTY.shape, evidence: '/model_info says model_type "diffusion"' };
  const info = objectOf(serverInfo);
  if (info === null) return null;
  const own = ("internal_states" in info || "tokenizer_path" in info) && "version" in info;
  if (own) return { certainty: CERTAINTY.shape, evidence: "/server_info has SGLang's fields" };
  if (routes(info))
    return {
      certainty: CERTAINTY.shape,
      evidence: "/server_info lists prefill and decode workers",
    };
  return null;
}

function servesDiffusion(modelInfo: HttpResult): boolean {
  return objectOf(modelInfo)?.model_type === "diffusion";
}

function routes(info: Record<string, unknown>): boolean {
  return "prefill" in info && "decode" in info;
}

function readFacts({
  url,
  models,
  serverInfo,
  version,
  readiness,
  modelInfo,
}: ServerClues): ServerFacts {
  const raw = objectOf(serverInfo) ?? {};
  const mode = raw.disaggregation_mode;
  const half = mode === "prefill" || mode === "decode" ? mode : null;
  return {
    framework: "sglang",
    url,
    model: textOf(raw.model_path) ?? modelIds(models)[0] ?? null,
    modelIds: modelIds(models),
    version: textOf(raw.version) ?? textOf(objectOf(version)?.version),
    tp: countOf(raw.tp_size),
    traceFiles: traceFiles(raw),
    contextLimit:
      countOf(raw.context_length) ??
      countOf(modelList(models)[0]?.max_model_len) ??
      countOf(raw.max_req_input_len),
    prefillChunk: countOf(raw.chunked_prefill_size),
    traceDirectory: null,
    unprofiled: servesDiffusion(modelInfo) ? DIFFUSION : null,
    disaggregation: routes(raw) || (half !== null && isGateway(readiness)) ? "router" : half,
    raw,
  };
}

const DIFFUSION = {
  message: "an SGLang diffusion server has no profile routes: a request profiles itself",
  hint: 'Send it a request with "profile": true (and "num_profiled_timesteps", "profile_all_stages" where wanted) in the body of /v1/images/generations or /v1/videos, then run triage on the trace that it saves in SGLANG_TORCH_PROFILER_DIR.',
};

/** One file per rank; ranks of other hosts may write where we cannot look, so their number is unknown. */
function traceFiles(raw: Record<string, unknown>): number | null {
  const tp = countOf(raw.tp_size);
  if (tp === null || (countOf(raw.nnodes) ?? 1) > 1) return null;
  const dp = raw.enable_dp_attention === true ? 1 : (countOf(raw.dp_size) ?? 1);
  return tp * (countOf(raw.pp_size) ?? 1) * dp;
}

/**
 * `start_step: 1` means "before the next forward" and gives exactly `num_steps` forwards in every
 * release (without it, releases before mid 2026 record one less); a second profile is then also
 * refused cleanly where a plain start would crash the scheduler.
 */
function start(link: ServerLink, window: ProfileWindow, deadlineMs: number) {
  return startProfile(ROUTES, link, deadlineMs, {
    ...common(window),
    num_steps: window.steps,
    ...(window.byStage ? { profile_by_stage: true } : { start_step: 1 }),
  });
}

function common(window: ProfileWindow) {
  return {
    output_dir: window.directory,
    activities: ["CPU", "GPU"],
    with_stack: window.withStack,
    record_shapes: window.recordShapes,
    ...(window.prefix === null ? {} : { profile_prefix: window.prefix }),
  };
}

/**
 * A server started with SGLANG_PROFILE_V2=1. Its scheduler dies of a start step, of a start that is
 * not by stage and of a stop, so it gets none of them: a session ends when the next step of its
 * stage, or one of another stage, comes. It records one forward more than asked.
 */
export const sglangByStages: ServerDriver = {
  ...sglang,
  skipsSteps: true,
  closesByTraffic: true,
  stopAwaitsFiles: false,
  stopNeedsStep: false,
  start: (link, window, deadlineMs) =>
    startProfile(ROUTES, link, deadlineMs, {
      ...common(window),
      num_steps: window.steps - 1,
      profile_by_stage: true,
      profile_stages: window.stage === "all" ? ["prefill", "decode"] : [window.stage],
    }),
  stop: async () => ({ kind: "idle" }),
};

const ROUTES: ProfileRoutes = {
  diedHint:
    "Was it started with SGLANG_PROFILE_V2=1? Its scheduler dies of a usual start: restart it and capture with --sglang-profile-v2.",
  noRouteHint:
    "This address has no /start_profile. Give the SGLang server's own address, not a proxy's.",
  isBusy: ({ status, text }) => status === 500 || /already in progress|HTTP 500/i.test(text),
  busyRemark: "SGLang gives the reason only in its log; most often another profile is running.",
  // Stopping what has ended by itself raises in the server: 500, the reason only in its log. A gateway quotes it.
  isIdle: ({ status, text }) => status === 500 || /not in progress|HTTP 500/i.test(text),
};

const TRACE =
  /(?:^|-)(\d+(?:\.\d+)?)-(TP-?(\d+)(?:-[A-Z]{2}-?\d+)*)(?:-([A-Za-z._]+|\d))?\.trace\.json(?:\.gz)?$/;

function traceFile(name: string): TraceFileName | null {
  if (name.startsWith("merged-")) return null;
  const match = TRACE.exec(name);
  if (match === null) return null;
  const [, id, ranks, tp, suffix] = match;
  const seconds = Number(id);
  return {
    rank: Number(tp),
    key: `${ranks}${suffix === undefined ? "" : `-${suffix}`}`,
    stage: stageOf(suffix ?? ""),
    writtenAt: Number.isFinite(seconds) ? seconds * 1000 : null,
  };
}

function stageOf(suffix: string): StageName | null {
  if (/extend|prefill/i.test(suffix)) return "prefill";
  return /decode/i.test(suffix) ? "decode" : null;
}

function readReply(json: unknown): ProbeReply | null {
  const reply: unknown = Array.isArray(json) ? json[0] : json;
  if (!isObject(reply) || typeof reply.text !== "string") return completionReply(reply);
  const meta = isObject(reply.meta_info) ? reply.meta_info : {};
  return {
    text: reply.text,
    promptTokens: countOf(meta.prompt_tokens),
    outputTokens: countOf(meta.completion_tokens),
  };
}
