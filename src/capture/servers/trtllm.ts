import { basename, extname } from "node:path";
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
import type { ServerLink } from "../net/server-link.ts";
import {
  CERTAINTY,
  type ProfileWindow,
  type ServerClues,
  type ServerDriver,
  type ServerFacts,
  type TraceFileName,
} from "../server-driver.ts";
import { findRoutes, type ProfileRoutes, startProfile, stopProfile } from "./profile-routes.ts";

/** TensorRT-LLM: profile routes since August 2026, before that a window fixed at launch. */
export const trtllm: ServerDriver = {
  id: "trtllm",
  title: "TensorRT-LLM",
  directoryFrom: "request",
  boundsSteps: true,
  skipsSteps: true,
  closesByTraffic: false,
  stopAwaitsFiles: false,
  stopNeedsStep: false,
  untaken: {
    byStage: "--profile-by-stage is left out: TensorRT-LLM saves one file for all of a session.",
    prefix: "--profile-prefix is left out: TensorRT-LLM names its traces itself.",
    noShapes: "--no-shapes is left out: TensorRT-LLM always records shapes.",
  },
  identify: ({ models }) =>
    ownedBy(models, "tensorrt_llm")
      ? { certainty: CERTAINTY.named, evidence: '/v1/models says owned_by "tensorrt_llm"' }
      : null,
  readFacts,
  checkProfiling: (link) => findRoutes(ROUTES, link),
  start,
  stop: (link, deadlineMs) => stopProfile(ROUTES, link, deadlineMs),
  traceFile,
  request: ({ prompt, outputTokens }, modelId) => completionRequest(prompt, outputTokens, modelId),
  readReply: completionReply,
  nothingWrittenHint:
    "Is the directory mounted in the server's container at the same path (see --server-output)? Only the PyTorch backend writes traces.",
};

/**
 * The same server without profile routes, told to trace at launch: TLLM_PROFILE_START_STOP and
 * TLLM_TORCH_PROFILE_TRACE. We only send load; the trace comes when its window has passed.
 *
 * @param traceFile the value of TLLM_TORCH_PROFILE_TRACE, as seen here
 */
export function trtllmByEnvironment(tracePath: string): ServerDriver {
  const extension = extname(tracePath);
  const stem = basename(tracePath, extension);
  return {
    ...trtllm,
    directoryFrom: "launch",
    skipsSteps: false,
    closesByTraffic: true,
    untaken: {
      ...trtllm.untaken,
      steps:
        "--active-steps and --warmup-steps shape the load only: TLLM_PROFILE_START_STOP says which iterations are recorded.",
    },
    checkProfiling: async () => null,
    start: async () => ({ kind: "started", serverTime: null }),
    stop: async () => ({ kind: "idle" }),
    traceFile: (name) => {
      if (name === basename(tracePath)) return { ...NO_RANK, key: name };
      if (!name.startsWith(`${stem}-rank-`) || !name.endsWith(extension)) return null;
      const rank = name.slice(`${stem}-rank-`.length, name.length - extension.length);
      return /^\d+$/.test(rank) ? { ...NO_RANK, rank: Number(rank), key: `rank-${rank}` } : null;
    },
    nothingWrittenHint:
      "The window of TLLM_PROFILE_START_STOP counts iterations since the server started and opens once: restart the server, and let the load reach its end.",
  };
}

const NO_RANK = { rank: null, stage: null, writtenAt: null } as const;

function readFacts({ url, models, serverInfo, version }: ServerClues): ServerFacts {
  const first = modelList(models)[0] ?? {};
  return {
    framework: "trtllm",
    url,
    model: textOf(first.id),
    modelIds: modelIds(models),
    version: textOf(objectOf(version)?.version),
    tp: null,
    traceFiles: null,
    contextLimit: countOf(first.max_model_len),
    prefillChunk: null,
    traceDirectory: null,
    unprofiled: null,
    disaggregation: null,
    raw: objectOf(serverInfo) ?? {},
  };
}

function start(link: ServerLink, window: ProfileWindow, deadlineMs: number) {
  return startProfile(ROUTES, link, deadlineMs, {
    output_dir: window.directory,
    num_steps: window.steps,
    start_step: window.skip,
    activities: ["CPU", "GPU"],
  });
}

const ROUTES: ProfileRoutes = {
  noRouteHint:
    "This trtllm-serve has no profile routes. Restart it with TLLM_PROFILE_START_STOP=11-16 and TLLM_TORCH_PROFILE_TRACE=/shared/trace.json and give that file with --env-trace (one server per stage), or use a release that has /start_profile.",
  refusesWith200: ({ json }) => isObject(json) && json.success === false,
  isBusy: ({ status }) => status === 409,
  ownRefusal: ({ text }, message) =>
    /failed to create profile output_dir/i.test(text)
      ? {
          kind: "failed",
          reason: "not-writable",
          message,
          hint: "Let the server's user write that directory, and mount it in its container at the same path (see --server-output).",
        }
      : null,
};

/** `trtllm-trace-{unix seconds}-{8 hex}-rank-{N}.json` */
function traceFile(name: string): TraceFileName | null {
  const match = /^trtllm-trace-(\d+)-[0-9a-f]+-rank-(\d+)\.json(?:\.gz)?$/.exec(name);
  if (match === null) return null;
  return {
    rank: Number(match[2]),
    key: `rank-${match[2]}`,
    stage: null,
    writtenAt: Number(match[1]) * 1000,
  };
}
