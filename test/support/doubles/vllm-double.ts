import type { Answer, DoubleHost, DoubleRoutes } from "./host.ts";
import { notFound, openAiAnswer } from "./host.ts";

/** vLLM: all of a profile is fixed at launch; 200 whatever happens; a front-end trace of its own. */
export function vllmDouble(host: DoubleHost): DoubleRoutes {
  const stamp = () => `${Math.round(host.time())}000000`;
  return {
    answer: async (call) => {
      const profile = call.path === "/start_profile" || call.path === "/stop_profile";
      if (profile && host.faults().noStartRoute !== null) return notFound(host);
      if (profile && call.method !== "POST")
        return { status: 405, body: { detail: "Method Not Allowed" } };
      if (call.path === "/start_profile") return start(host);
      if (call.path === "/stop_profile") return stop(host);
      if (call.path === "/version") return { status: 200, body: { version: "0.26.0" } };
      return (
        (await openAiAnswer(host, "vllm", call)) ?? { status: 404, body: { detail: "Not Found" } }
      );
    },
    fileName: (_, rank) =>
      host.options.era === "old"
        ? `engine-1-rank-${rank}.${stamp()}.pt.trace.json.gz`
        : `dp0_pp0_tp${rank}_dcp0_ep${rank}_rank${rank}.${stamp()}.pt.trace.json.gz`,
    frontEndFile: () => `host_4711.async_llm.${stamp()}.pt.trace.json.gz`,
  };
}

async function start(host: DoubleHost): Promise<Answer> {
  const { engine, faults } = host;
  if (faults().dieAt === "start") host.die();
  if (faults().hangAt === "start") return null;
  await engine.inLoop(async () => {
    engine.window ??= {
      directory: host.options.launchPath!,
      prefix: "",
      begin: engine.forwards + 1,
      end: null,
      byStage: null,
      armed: false,
      recorded: [],
    };
  });
  return { status: 200 };
}

async function stop({ engine, faults }: DoubleHost): Promise<Answer> {
  if (faults().hangAt === "stop") return null;
  await engine.inLoop(() => engine.finish());
  return { status: 200 };
}
