import type { Answer, Call, DoubleHost, DoubleRoutes } from "./host.ts";
import { notFound, openAiAnswer } from "./host.ts";

/** vLLM 0.8.5 to 0.33.0: all of a profile is fixed at launch; 200 whatever happens; a front-end trace of its own. */
export function vllmDouble(host: DoubleHost): DoubleRoutes {
  const release = host.options.release ?? "0.26.0";
  const session = { active: host.faults().alreadyRunning };
  const stamp = () => `${Math.round(host.time())}000000`;
  return {
    answer: async (call) => {
      const profile = call.path === "/start_profile" || call.path === "/stop_profile";
      if (profile && host.faults().noStartRoute !== null) return notFound(host);
      if (profile && call.method !== "POST")
        return { status: 405, body: { detail: "Method Not Allowed" } };
      if (call.path === "/start_profile") return start(host, session, call);
      if (call.path === "/stop_profile") return stop(host, session);
      if (call.path === "/version") return { status: 200, body: { version: release } };
      return (
        (await openAiAnswer(host, "vllm", call)) ?? { status: 404, body: { detail: "Not Found" } }
      );
    },
    fileName: ({ prefix }, rank) =>
      release === "0.8.5"
        ? `engine-1-rank-${rank}.${stamp()}.pt.trace.json.gz`
        : `${prefix}dp0_pp0_tp${rank}_dcp0_ep${rank}_rank${rank}.${stamp()}.pt.trace.json.gz`,
    frontEndFile: () => `host_4711.async_llm.${stamp()}.pt.trace.json.gz`,
  };
}

/** Set by start and only cleared by stop, also where a session has ended by itself. */
interface Session {
  active: boolean;
}

/**
 * From 0.32: a second session is refused with 409, and a session may bound itself. The worker counts
 * before each forward; the count that reaches the delay starts, the one beyond the bound stops.
 */
async function start(host: DoubleHost, session: Session, { body }: Call): Promise<Answer> {
  const { engine, faults } = host;
  const takesParameters = ["0.32.0", "0.33.0"].includes(host.options.release ?? "");
  if (takesParameters && session.active)
    return { status: 409, body: { error: { message: "A profiling session is already active." } } };
  session.active = true;
  const asked = takesParameters ? (body as Parameters) : {};
  const delay = asked.delay_iterations ?? 0;
  const most = asked.max_iterations ?? 0;
  if (faults().dieAt === "start") host.die();
  if (faults().hangAt === "start") return null;
  await engine.inLoop(async () => {
    engine.window ??= {
      directory: host.options.launchPath!,
      prefix: asked.profile_prefix === undefined ? "" : `${asked.profile_prefix}_`,
      begin: engine.forwards + Math.max(1, delay),
      end: most === 0 ? null : engine.forwards + Math.max(1, delay) + most,
      byStage: null,
      armed: false,
      recorded: [],
    };
  });
  return { status: 200 };
}

interface Parameters {
  profile_prefix?: string;
  delay_iterations?: number;
  max_iterations?: number;
}

async function stop({ engine, faults }: DoubleHost, session: Session): Promise<Answer> {
  if (faults().hangAt === "stop") return null;
  session.active = false;
  await engine.inLoop(() => engine.finish());
  return { status: 200 };
}
