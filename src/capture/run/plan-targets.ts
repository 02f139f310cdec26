import type { StageName } from "../../model/framework.ts";
import { captureError } from "../capture-error.ts";
import type { CaptureContext, CaptureOptions } from "../capture-options.ts";
import { type RecognisedServer, recogniseServer } from "../recognise-server.ts";
import type { ServerFacts } from "../server-driver.ts";
import { driverFor } from "../servers/index.ts";
import { sglangByStages } from "../servers/sglang.ts";
import type { WorkloadKind } from "../workload.ts";

/** Who takes the load, and whose profiler is switched for each stage. */
export interface CaptureTargets {
  readonly load: RecognisedServer;
  readonly control: (stage: StageName) => RecognisedServer;
}

/**
 * Recognises the servers of a run and settles who is profiled.
 *
 * In disaggregated serving the load goes through the router, and each worker is profiled at its own
 * address: one worker sees one stage only, so `both` needs both addresses.
 *
 * @throws {TriageError} `capture/disaggregated` with the options that are missing, and what
 *   {@link recogniseServer} throws.
 */
export async function planTargets(
  options: CaptureOptions,
  context: CaptureContext,
): Promise<CaptureTargets> {
  const recognise = async (url: string, framework = options.framework) => {
    const { apiKey, workerUrl } = options;
    const server = await recogniseServer(url, { framework, apiKey, workerUrl, ...context });
    return withProfileV2(server, options);
  };
  const load = withEnvironment(await recognise(options.url), options);
  const workers: Partial<Record<StageName, RecognisedServer>> = {};
  if (options.prefillUrl !== null)
    workers.prefill = await recognise(options.prefillUrl, load.driver.id);
  if (options.decodeUrl !== null)
    workers.decode = await recognise(options.decodeUrl, load.driver.id);
  for (const stage of stagesOf(options.workload.kind)) checkTarget(stage, load, workers[stage]);
  return { load, control: (stage) => workers[stage] ?? load };
}

/** The stages a workload records, in their order. */
function stagesOf(kind: WorkloadKind): readonly StageName[] {
  if (kind === "both") return ["prefill", "decode"];
  return [kind === "legacy" ? "all" : kind];
}

function withProfileV2(server: RecognisedServer, options: CaptureOptions): RecognisedServer {
  if (!options.sglangProfileV2) return server;
  if (server.driver.id === "sglang") return { ...server, driver: sglangByStages };
  const hint = "Leave out --sglang-profile-v2: it is a setting of SGLang servers.";
  throw captureError("not-supported", `--sglang-profile-v2, but ${server.evidence}`, hint);
}

function withEnvironment(server: RecognisedServer, options: CaptureOptions): RecognisedServer {
  if (options.envTrace === null) return server;
  if (server.driver.id !== "trtllm") {
    const hint = "Leave out --env-trace: only TensorRT-LLM traces by launch environment.";
    throw captureError("not-supported", `--env-trace, but ${server.evidence}`, hint);
  }
  if (options.workload.kind === "both") {
    const hint =
      "Restart the server for each stage and capture them with --workload prefill and --workload decode.";
    throw captureError(
      "not-supported",
      "a launch window opens once and cannot record two stages",
      hint,
    );
  }
  return { ...server, driver: driverFor(server.driver.id, options.envTrace) };
}

function checkTarget(
  stage: StageName,
  load: RecognisedServer,
  worker: RecognisedServer | undefined,
): void {
  const target = worker ?? load;
  const { unprofiled, url } = target.facts;
  if (unprofiled !== null)
    throw captureError("not-supported", unprofiled.message, unprofiled.hint, { place: url });
  const half = target.facts.disaggregation;
  if (half === null || half === stage) {
    // A worker alone cannot serve: its requests come through the router.
    if (half === null || worker !== undefined) return;
    throw refusal(target.facts, `a ${half} worker takes requests from its router only`);
  }
  const what =
    half === "router"
      ? "this is the router of disaggregated serving; its workers are profiled one at a time"
      : `this ${half} worker never runs the ${stage} stage`;
  throw refusal(target.facts, what);
}

function refusal({ url }: ServerFacts, what: string) {
  return captureError(
    "disaggregated",
    `${what} (${url})`,
    "Give the router with --url and the worker of each recorded stage with --prefill-url and --decode-url; --workload prefill or decode records one of them.",
    { place: url },
  );
}
