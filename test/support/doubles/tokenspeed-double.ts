import type { Answer, Call, DoubleHost, DoubleRoutes } from "./host.ts";
import { notFound, openAiAnswer } from "./host.ts";

/** TokenSpeed 0.1.1: a gateway for load and profiles, a control server one port up, failures as 206. */
export function tokenspeedDouble(host: DoubleHost): DoubleRoutes {
  return {
    control: (path) => (path === "/get_server_info" ? controlInfo(host) : { status: 404 }),
    answer: async (call) => {
      const profile = call.path === "/start_profile" || call.path === "/stop_profile";
      if (profile && host.faults().noStartRoute !== null) return notFound(host);
      if (profile && call.method !== "POST") return { status: 405, text: "" };
      if (call.path === "/start_profile") return start(host, call);
      if (call.path === "/stop_profile") return stop(host, call);
      if (call.path === "/readiness")
        return { status: 200, body: { status: "ready", healthy_workers: 1, total_workers: 1 } };
      if (call.path === "/health") return { status: 200, text: "OK" };
      return (await openAiAnswer(host, null, call)) ?? { status: 404, text: "" };
    },
    fileName: ({ prefix }, rank) => `${prefix}-TP${rank}.trace.json.gz`,
  };
}

/** Protobuf as JSON: numbers are floats, and what is zero, false or empty is missing. */
function controlInfo({ ranks, options }: DoubleHost): Answer {
  const server_args = {
    model: "/models/tiny-model",
    attn_tp_size: ranks,
    world_size: ranks,
    ...options.serverArgs,
  };
  return { status: 200, body: { server_args, tokenspeed_version: "0.1.1", uptime_seconds: 12.5 } };
}

function failed(what: string, error: string, successful: string[] = []): Answer {
  return {
    status: 206,
    body: {
      status: "partial_success",
      message: `Profile ${what}: ${successful.length} succeeded, 1 failed`,
      workers_profiled: successful.length,
      total_workers: successful.length + 1,
      successful,
      failed: [{ worker: "grpc://127.0.0.1:9000", error }],
    },
  };
}

function succeeded(what: string): Answer {
  const message = `Successfully ${what} profiling on all 1 workers`;
  return {
    status: 200,
    body: { status: "success", message, workers_profiled: 1, total_workers: 1 },
  };
}

async function start(host: DoubleHost, { body }: Call): Promise<Answer> {
  const { engine, faults } = host;
  if (faults().dieAt === "start") host.die();
  if (faults().hangAt === "start") return null;
  if (engine.window !== null)
    return failed(
      "start",
      "Start profiling failed: Profiling is already in progress. Call /stop_profile first.",
    );
  const request = body as { output_dir?: string; num_steps?: number };
  const begin = engine.forwards + 1;
  engine.window = {
    directory: request.output_dir ?? "/tmp",
    prefix: new Date(host.time()).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15),
    begin,
    end: request.num_steps === undefined ? null : begin + request.num_steps,
    byStage: null,
    armed: false,
    recorded: [],
  };
  if (faults().halfStart)
    return failed("start", "Start profiling failed: CUDA error", ["grpc://127.0.0.1:9001"]);
  return succeeded("started");
}

async function stop(host: DoubleHost, { body }: Call): Promise<Answer> {
  const { engine, faults } = host;
  if (faults().hangAt === "stop") return null;
  host.log.push(`stop ${String(body.url ?? "all")}`);
  const { halfStop } = faults();
  if (halfStop !== null && (body.url === undefined || halfStop === "always")) {
    if (body.url === undefined) await engine.inLoop(() => engine.finish());
    return failed("stop", "Stop profiling failed: DEADLINE_EXCEEDED", ["grpc://127.0.0.1:9001"]);
  }
  if (halfStop !== null) return succeeded("stopped");
  let answer = failed("stop", "Profiling is not in progress. Call /start_profile first.");
  await engine.inLoop(async () => {
    if (engine.window === null) return;
    await engine.finish();
    answer = succeeded("stopped");
  });
  return answer;
}
