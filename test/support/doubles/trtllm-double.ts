import { basename, dirname, extname } from "node:path";
import type { Answer, Call, DoubleHost, DoubleRoutes } from "./host.ts";
import { notFound, openAiAnswer } from "./host.ts";

const BUSY =
  "Profiling is already in progress (or a pending start has been scheduled); call stop_profile first";

/** TensorRT-LLM since August 2026 has profile routes; before, only the environment's window. */
export function trtllmDouble(host: DoubleHost): DoubleRoutes {
  const { engine, options } = host;
  const release = options.release ?? "profile routes";
  if (options.launchPath !== undefined) engine.window = launchWindow(host, release);
  return {
    awaitsRank0Only: true,
    answer: async (call) => {
      const profile = call.path === "/start_profile" || call.path === "/stop_profile";
      if (profile && (release !== "profile routes" || host.faults().noStartRoute !== null))
        return notFound(host);
      if (profile && call.method !== "POST")
        return { status: 405, body: { detail: "Method Not Allowed" } };
      if (call.path === "/start_profile") return start(host, call);
      if (call.path === "/stop_profile") return stop(host);
      if (call.path === "/version") return { status: 200, body: { version: "1.3.0" } };
      if (call.path === "/server_info") return { status: 200, body: { disaggregated_params: {} } };
      const answer = await openAiAnswer(host, "tensorrt_llm", call);
      return answer ?? { status: 404, body: { detail: "Not Found" } };
    },
    fileName: ({ prefix }, rank) => {
      if (options.launchPath === undefined) return `${prefix}-rank-${rank}.json`;
      const name = basename(options.launchPath);
      const extension = extname(name);
      return release === "one file"
        ? name
        : `${basename(name, extension)}-rank-${rank}${extension}`;
    },
  };
}

/** "a-b": releases that write one file record b as well, later ones end before it. */
function launchWindow({ options }: DoubleHost, release: string) {
  const [begin, last] = options.launchWindow!;
  return {
    directory: dirname(options.launchPath!),
    prefix: "",
    begin,
    end: release === "one file" ? last + 1 : last,
    byStage: null,
    armed: true,
    recorded: [],
  };
}

async function start(host: DoubleHost, { body }: Call): Promise<Answer> {
  const { engine, faults } = host;
  if (faults().dieAt === "start") host.die();
  if (faults().hangAt === "start") return null;
  if (engine.window !== null) return { status: 409, body: { success: false, message: BUSY } };
  const request = body as { output_dir?: string; num_steps?: number; start_step?: number };
  if (faults().readonlyDirectory) {
    const message = `Failed to create profile output_dir '${request.output_dir}': [Errno 13]`;
    return { status: 500, body: { success: false, message } };
  }
  const begin = engine.forwards + 1 + (request.start_step ?? 0);
  engine.window = {
    directory: request.output_dir ?? "/tmp",
    prefix: `trtllm-trace-${Math.floor(host.time() / 1000)}-0a1b2c3d`,
    begin,
    end: request.num_steps === undefined ? null : begin + request.num_steps,
    byStage: null,
    armed: true,
    recorded: [],
  };
  return { status: 200, body: { message: "Profiling started" } };
}

/** Success after thirty seconds even when the trace is still being written. */
async function stop(host: DoubleHost): Promise<Answer> {
  const { engine, faults } = host;
  if (faults().hangAt === "stop") return null;
  const finished = engine.inLoop(async () => {
    if (engine.recording) await engine.finish();
    engine.window = null;
  });
  await Promise.race([finished, host.pause(30)]);
  return { status: 200, body: { message: "Profiling stopped" } };
}
