import { isObject } from "../../base/is-object.ts";
import {
  completionReply,
  completionRequest,
  countOf,
  isGateway,
  modelIds,
  modelList,
  objectOf,
  textOf,
} from "../net/replies.ts";
import type { ServerLink } from "../net/server-link.ts";
import {
  CERTAINTY,
  type Identity,
  type ProfileWindow,
  type ServerClues,
  type ServerDriver,
  type ServerFacts,
  type TraceFileName,
} from "../server-driver.ts";
import { findRoutes, type ProfileRoutes, startProfile, stopProfile } from "./profile-routes.ts";

/** TokenSpeed: a gateway that takes load and profile calls, and a control server one port up that knows the arguments. */
export const tokenspeed: ServerDriver = {
  id: "tokenspeed",
  title: "TokenSpeed",
  directoryFrom: "request",
  boundsSteps: true,
  skipsSteps: false,
  closesByTraffic: false,
  stopAwaitsFiles: true,
  stopNeedsStep: false,
  untaken: { prefix: "--profile-prefix is left out: TokenSpeed names its traces itself." },
  identify,
  readFacts,
  checkProfiling: (link) => findRoutes(ROUTES, link),
  start,
  stop: (link, deadlineMs) => stopProfile(ROUTES, link, deadlineMs),
  traceFile,
  request: ({ prompt, outputTokens }, modelId) => completionRequest(prompt, outputTokens, modelId),
  readReply: completionReply,
  nothingWrittenHint:
    "Is the directory mounted in the server's container at the same path (see --server-output), and may the server's user write it?",
};

function identify({ control, readiness }: ServerClues): Identity | null {
  if ("tokenspeed_version" in (objectOf(control) ?? {}))
    return {
      certainty: CERTAINTY.named,
      evidence: "the control server on the next port names tokenspeed_version",
    };
  return isGateway(readiness)
    ? { certainty: CERTAINTY.hint, evidence: "/readiness counts workers" }
    : null;
}

/** Zero, false and empty values are left out of the control server's answer, and counts are floats. */
function readFacts({ url, models, control }: ServerClues): ServerFacts {
  const raw = objectOf(control) ?? {};
  const args = isObject(raw.server_args) ? raw.server_args : {};
  const tp = countOf(args.attn_tp_size);
  const mode = args.disaggregation_mode;
  return {
    framework: "tokenspeed",
    url,
    model: textOf(args.model) ?? textOf(args.served_model_name) ?? modelIds(models)[0] ?? null,
    modelIds: modelIds(models),
    version: textOf(raw.tokenspeed_version),
    tp,
    traceFiles: countOf(args.world_size) ?? tp,
    contextLimit: countOf(args.max_model_len) ?? countOf(modelList(models)[0]?.max_model_len),
    prefillChunk: countOf(args.chunked_prefill_size),
    traceDirectory: null,
    unprofiled: null,
    disaggregation: mode === "prefill" || mode === "decode" ? mode : null,
    raw,
  };
}

function start(link: ServerLink, window: ProfileWindow, deadlineMs: number) {
  return startProfile(ROUTES, link, deadlineMs, {
    output_dir: window.directory,
    num_steps: window.steps,
    profile_by_stage: window.byStage,
    activities: ["CPU", "GPU"],
    with_stack: window.withStack,
    record_shapes: window.recordShapes,
  });
}

const ROUTES: ProfileRoutes = {
  noRouteHint:
    "This TokenSpeed gateway has no POST /start_profile and /stop_profile. Give the gateway's address, and use a release whose gateway has these routes.",
  knowsRoute: ({ text }) => /worker/i.test(text),
  // Every failure of the engine comes as 206 "partial success": the body tells.
  isBusy: ({ text }) => /already in progress|already active/i.test(text),
  isIdle: ({ text }) => /not in progress/i.test(text),
  rejectedHint: "The gateway could not start the profile on its workers: see their log.",
};

const TRACE =
  /^(.+?)-((?:DP-?\d+-)?(?:CP-?\d+-)?TP-?(\d+))(?:-([A-Za-z]+))?\.trace\.json(?:\.gz)?$/;

function traceFile(name: string): TraceFileName | null {
  const match = TRACE.exec(name);
  if (match === null) return null;
  const [, , ranks, tp, suffix] = match;
  return {
    rank: Number(tp),
    key: `${ranks}${suffix === undefined ? "" : `-${suffix}`}`,
    stage: suffix === "EXTEND" ? "prefill" : suffix === "DECODE" ? "decode" : null,
    writtenAt: null,
  };
}
