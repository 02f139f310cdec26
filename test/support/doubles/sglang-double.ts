import { ServerGone } from "./engine.ts";
import type { Answer, Call, DoubleHost, DoubleRoutes } from "./host.ts";
import { complete, notFound, throughWorkers } from "./host.ts";

const OLD = "0.4.9";
const V2 = "0.5.23 SGLANG_PROFILE_V2";
const ERROR: Answer = { status: 500, text: "Internal Server Error" };

/** SGLang 0.4.9 and 0.5.23: start and stop by GET or POST, exports in the scheduler loop, errors only in its log. */
export function sglangDouble(host: DoubleHost): DoubleRoutes {
  const { engine, faults } = host;
  return {
    answer: async (call) => {
      switch (call.path) {
        case "/v1/models":
          return models(host);
        case "/server_info":
        case "/get_server_info":
          return serverInfo(host, call.path);
        case "/health":
          return { status: faults().unhealthyWhileSaving && engine.saving ? 503 : 200 };
        case "/generate":
          return generate(host, call);
        case "/start_profile":
          return faults().noStartRoute === null ? start(host, call) : notFound(host);
        case "/stop_profile":
          return faults().noStartRoute === null ? stop(host) : notFound(host);
        default:
          return { status: 404, body: { detail: "Not Found" } };
      }
    },
    fileName: ({ prefix }, rank, stage) =>
      `${prefix}-TP-${rank}${suffixOf(host, stage)}.trace.json.gz`,
  };
}

const STAGES = { prefill: "EXTEND", decode: "DECODE" } as const;

function suffixOf({ options }: DoubleHost, stage: "EXTEND" | "DECODE" | null): string {
  if (stage === null) return "";
  return options.release === V2 ? (stage === "EXTEND" ? "-prefill" : "-decode") : `-${stage}`;
}

function models({ faults }: DoubleHost): Answer {
  const data = faults().noModels ? [] : [{ id: "tiny-model", object: "model", owned_by: "sglang" }];
  return { status: 200, body: { object: "list", data } };
}

function serverInfo({ options, ranks, faults }: DoubleHost, path: string): Answer {
  if (options.release === OLD && path === "/server_info")
    return { status: 404, body: { detail: "Not Found" } };
  const { disaggregation, contextLimit } = faults();
  if (disaggregation === "router")
    return { status: 200, body: { prefill: [{}], decode: [{}], version: "1" } };
  return {
    status: 200,
    body: {
      model_path: "/models/tiny-model",
      tokenizer_path: "/models/tiny-model",
      tp_size: ranks,
      pp_size: 1,
      dp_size: 1,
      disaggregation_mode: disaggregation ?? "null",
      chunked_prefill_size: 8192,
      api_key: "sk-of-the-server",
      ...(contextLimit === null ? {} : { context_length: contextLimit }),
      ...options.serverArgs,
      internal_states: [{}],
      version: options.release === OLD ? OLD : "0.5.23",
    },
  };
}

async function generate(host: DoubleHost, { body }: Call): Promise<Answer> {
  if (host.options.workers !== undefined)
    return throughWorkers(host.options.workers, "/generate", body);
  const { text, sampling_params: params } = body as {
    text: string;
    sampling_params: { max_new_tokens: number; ignore_eos?: boolean };
  };
  const limit = host.faults().contextLimit;
  const words = text.split(" ").length;
  if (limit !== null && words + params.max_new_tokens > limit)
    return {
      status: 400,
      body: {
        error: {
          message: `Input length (${words} tokens) exceeds the maximum allowed length (${limit} tokens).`,
        },
      },
    };
  const done = await complete(host, text, params.max_new_tokens, params.ignore_eos === true);
  const meta = { prompt_tokens: done.promptTokens, completion_tokens: done.outputTokens };
  return { status: 200, body: { text: done.text, meta_info: meta } };
}

async function start(host: DoubleHost, { body }: Call): Promise<Answer> {
  const { engine, faults, options } = host;
  if (faults().dieAt === "start") host.die();
  if (faults().hangAt === "start") return null;
  const request = body as {
    output_dir?: string;
    num_steps?: number;
    start_step?: number;
    profile_by_stage?: boolean;
    profile_prefix?: string;
    profile_stages?: (keyof typeof STAGES)[];
  };
  const isV2 = options.release === V2;
  const asserts = request.start_step === undefined && request.profile_by_stage === true;
  if (isV2 && (!asserts || engine.recording)) {
    host.die();
    throw new ServerGone();
  }
  const steps = request.num_steps ?? null;
  const later = request.start_step !== undefined || request.profile_by_stage === true;
  let answer: Answer = { status: 200, text: "Start profiling.\n" };
  await engine.inLoop(async () => {
    if (engine.window !== null) {
      // A plain second start reaches torch, which old releases do not survive.
      if (!later && options.release === OLD) host.die();
      answer = ERROR;
      return;
    }
    const next = engine.forwards + 1;
    const begin = request.start_step === undefined ? next : Math.max(request.start_step, next);
    const length = steps === null ? null : steps - (later || options.release !== OLD ? 0 : 1);
    const id = (host.time() / 1000).toFixed(7);
    engine.window = {
      directory: request.output_dir ?? "/tmp",
      prefix:
        options.release === OLD || request.profile_prefix === undefined
          ? id
          : `${request.profile_prefix}-${id}`,
      begin,
      end: length === null || request.profile_by_stage ? null : begin + length,
      byStage: request.profile_by_stage ? steps : null,
      ...(isV2
        ? { stages: (request.profile_stages ?? ["prefill", "decode"]).map((it) => STAGES[it]) }
        : {}),
      armed: request.start_step !== undefined,
      recorded: [],
    };
  });
  return answer;
}

async function stop(host: DoubleHost): Promise<Answer> {
  const { engine, faults } = host;
  if (faults().hangAt === "stop") return null;
  if (host.options.release === V2) {
    host.die();
    throw new ServerGone();
  }
  let answer = ERROR;
  await engine.inLoop(async () => {
    if (!engine.recording) return;
    await engine.finish();
    answer = { status: 200, text: "Stop profiling. This will take some time.\n" };
  });
  return answer;
}
