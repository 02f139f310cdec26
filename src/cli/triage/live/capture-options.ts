import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type CaptureOptions,
  type CaptureTimeouts,
  DEFAULT_CAPTURE_OPTIONS,
  DEFAULT_TIMEOUTS,
} from "../../../capture/capture-options.ts";
import { CAPTURE_FILE } from "../../../capture/run/capture-record.ts";
import { DEFAULT_WORKLOAD, WORKLOADS, type WorkloadOptions } from "../../../capture/workload.ts";
import { FRAMEWORKS } from "../../../model/framework.ts";
import { valueReader, WHOLE } from "../../option-values.ts";
import { type GivenOptions, type OptionSpecs, usage } from "../../options.ts";

/** Where a key may also come from, so that it shows in no list of processes. */
const API_KEY_VARIABLE = "FUSE_TRIAGE_API_KEY";

export const SERVER_OPTIONS = {
  url: {
    value: "URL",
    group: "Server",
    help: "The running server: it takes the load, and is profiled unless a worker is given.",
  },
  framework: {
    value: "NAME",
    group: "Server",
    help: `Its framework, when it is not recognised: ${FRAMEWORKS.join(", ")}.`,
  },
  "api-key": {
    value: "KEY",
    group: "Server",
    help: `Its key, sent as bearer token. Also read from ${API_KEY_VARIABLE}.`,
  },
  "model-id": {
    value: "NAME",
    group: "Server",
    help: "Model to ask for. Default: the first that it lists.",
  },
} as const satisfies OptionSpecs;

/** Options of older tools that have no place here; each is told once instead of refused. */
const OLDER_OPTIONS = {
  "probe-delay": older("SECONDS", "the load starts when the profiler has said that it runs"),
  "start-step": older("N", "recording starts after the warm-up, see --warmup-steps"),
  "merge-profiles": older(null, "ranks stay in files of their own, see triage ranks"),
  "no-merge-profiles": older(null, "ranks stay in files of their own"),
} as const satisfies OptionSpecs;

function older<V extends string | null>(value: V, help: string) {
  return { value, group: "Older", hidden: true, help } as const;
}

/** How to profile a server; shared by `triage capture` and `triage --url`. */
export const CAPTURE_OPTIONS = {
  ...SERVER_OPTIONS,
  ...OLDER_OPTIONS,
  "prefill-url": {
    value: "URL",
    aliases: ["profile-prefill-url"],
    group: "Server",
    help: "Prefill worker of disaggregated serving, profiled for the prefill stage; --url is the router.",
  },
  "decode-url": {
    value: "URL",
    aliases: ["profile-decode-url"],
    group: "Server",
    help: "Decode worker of disaggregated serving, profiled for the decode stage.",
  },
  "worker-url": {
    value: "URL",
    group: "Server",
    help: "Behind an smg gateway: the one worker to profile, as its /workers names it. Default: all of them.",
  },
  "output-dir": {
    value: "DIR",
    group: "Traces",
    help: "Folder for the run. Default: triage-capture, numbered when there is one.",
  },
  "server-output": {
    value: "DIR",
    group: "Traces",
    help: "The same folder as the server sees it, where a container mounts it elsewhere.",
  },
  "trace-dir": {
    value: "DIR",
    group: "Traces",
    help: "Where a server writes whose folder is fixed at launch (vLLM), as seen here. Default: --output-dir.",
  },
  "prefill-trace-dir": {
    value: "DIR",
    group: "Traces",
    help: "As --trace-dir, for --prefill-url.",
  },
  "decode-trace-dir": { value: "DIR", group: "Traces", help: "As --trace-dir, for --decode-url." },
  "env-trace": {
    value: "FILE",
    group: "Traces",
    help: "TLLM_TORCH_PROFILE_TRACE of a TensorRT-LLM server without profile routes: only load is sent.",
  },
  resume: {
    value: null,
    group: "Traces",
    help: "Record nothing; go on waiting for the traces of the capture in --output-dir.",
  },
  workload: {
    value: "KIND",
    aliases: ["profile-workload"],
    group: "Load",
    help: `${WORKLOADS.join(", ")}. Default: both, one after the other; legacy is one free request.`,
  },
  "active-steps": {
    value: "N",
    aliases: ["num-steps"],
    group: "Load",
    help: `Engine steps to record of each stage. Default: ${DEFAULT_WORKLOAD.activeSteps}.`,
  },
  "warmup-steps": {
    value: "N",
    group: "Load",
    help: `Steps before recording. Default: ${DEFAULT_WORKLOAD.warmupSteps}.`,
  },
  "prefill-input-len": {
    value: "N",
    group: "Load",
    help: "Prompt length of the prefill stage. Default: 4090, less where the context is shorter.",
  },
  "prefill-output-len": { value: "N", group: "Load", help: "Its answer length. Default: 1." },
  "decode-input-len": {
    value: "N",
    group: "Load",
    help: "Prompt length of the decode stage. Default: 1.",
  },
  "decode-output-len": {
    value: "N",
    group: "Load",
    help: "Its answer length. Default: 2048; on servers that cannot count steps, what the steps need.",
  },
  concurrency: {
    value: "N",
    group: "Load",
    help: "Requests sent together: the batch size of decode steps. Default: 1.",
  },
  prompt: {
    value: "TEXT",
    aliases: ["probe-prompt"],
    group: "Load",
    help: "Prompt of the legacy workload.",
  },
  "max-new-tokens": {
    value: "N",
    aliases: ["probe-max-new-tokens"],
    group: "Load",
    help: "Its answer length. Default: eight times --active-steps, at least 64.",
  },
  "probe-requests": {
    value: "N",
    group: "Load",
    help: "Requests of the legacy workload while recording, one after the other. Default: 1.",
  },
  "allow-fewer-steps": {
    value: null,
    group: "Load",
    help: "Do not exit with 5 when fewer steps were recorded than asked.",
  },
  "no-stacks": {
    value: null,
    group: "Profiler",
    help: "Record no Python stacks: less overhead, and no Python locations.",
  },
  "no-shapes": { value: null, group: "Profiler", help: "Record no input shapes." },
  "profile-by-stage": {
    value: null,
    group: "Profiler",
    help: "One session that saves a file per stage (SGLang, TokenSpeed; with --workload legacy).",
  },
  "no-profile-by-stage": {
    value: null,
    group: "Profiler",
    help: "One file for all of a session. The default.",
  },
  "profile-prefix": {
    value: "TEXT",
    group: "Profiler",
    help: "Beginning of the traces' names, on servers that take one.",
  },
  "sglang-profile-v2": {
    value: null,
    group: "Profiler",
    help: "The SGLang server was started with SGLANG_PROFILE_V2=1, which takes sessions by stage only.",
  },
  "request-timeout": timeout("one request", DEFAULT_TIMEOUTS.request),
  "start-timeout": timeout("the answer to start", DEFAULT_TIMEOUTS.start),
  "stop-timeout": timeout(
    "the answer to stop, which comes when the traces are saved",
    DEFAULT_TIMEOUTS.stop,
  ),
  "trace-timeout": timeout("whole traces after that", DEFAULT_TIMEOUTS.traces),
  "quiet-period": {
    value: "SECONDS",
    group: "Patience",
    help: `Nothing new for so long ends the wait where the number of ranks is unknown. Default: ${DEFAULT_TIMEOUTS.quiet}.`,
  },
} as const satisfies OptionSpecs;

function timeout(what: string, seconds: number) {
  return { value: "SECONDS", group: "Patience", help: `Wait for ${what}. Default: ${seconds}.` };
}

type CaptureFlags = GivenOptions<typeof CAPTURE_OPTIONS>;

const COUNT = { ...WHOLE, min: 1 };

/** @throws {TriageError} usage/… for everything that does not fit together. */
export function readCaptureFlags(
  given: CaptureFlags,
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): CaptureOptions {
  const read = valueReader(command);
  const url = given.text("url");
  if (url === null && !given.has("resume"))
    throw usage("no-url", "No server to capture from: give its --url.", command);
  return {
    ...DEFAULT_CAPTURE_OPTIONS,
    url: url ?? "",
    prefillUrl: given.text("prefill-url"),
    decodeUrl: given.text("decode-url"),
    framework: read.choice("framework", given.text("framework"), FRAMEWORKS),
    apiKey: apiKeyOf(given.text("api-key"), env),
    workerUrl: given.text("worker-url"),
    output: given.text("output-dir") ?? freshFolder(),
    serverOutput: given.text("server-output"),
    traceDir: given.text("trace-dir"),
    prefillTraceDir: given.text("prefill-trace-dir"),
    decodeTraceDir: given.text("decode-trace-dir"),
    envTrace: given.text("env-trace"),
    modelId: given.text("model-id"),
    workload: workloadOf(given, command),
    withStack: !given.has("no-stacks"),
    recordShapes: !given.has("no-shapes"),
    profileByStage: given.has("profile-by-stage") && !given.has("no-profile-by-stage"),
    profilePrefix: given.text("profile-prefix"),
    sglangProfileV2: given.has("sglang-profile-v2"),
    timeouts: timeoutsOf(given, command),
    remarks: Object.entries(OLDER_OPTIONS).flatMap(([name, { help }]) =>
      given.has(name as keyof typeof OLDER_OPTIONS) ? [`--${name} is left out: ${help}.`] : [],
    ),
  };
}

export function apiKeyOf(
  given: string | null,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const key = given ?? env[API_KEY_VARIABLE] ?? "";
  return key === "" ? null : key;
}

function workloadOf(given: CaptureFlags, command: string): WorkloadOptions {
  const read = valueReader(command);
  const count = (name: keyof typeof CAPTURE_OPTIONS): number | null =>
    read.number(name, given.text(name), COUNT);
  const usual = DEFAULT_WORKLOAD;
  return {
    kind: read.choice("workload", given.text("workload"), WORKLOADS) ?? usual.kind,
    prefillInput: count("prefill-input-len"),
    prefillOutput: count("prefill-output-len") ?? usual.prefillOutput,
    decodeInput: count("decode-input-len") ?? usual.decodeInput,
    decodeOutput: count("decode-output-len"),
    warmupSteps:
      read.number("warmup-steps", given.text("warmup-steps"), WHOLE) ?? usual.warmupSteps,
    activeSteps: count("active-steps") ?? usual.activeSteps,
    concurrency: count("concurrency") ?? usual.concurrency,
    prompt: given.text("prompt") ?? usual.prompt,
    promptOutput: count("max-new-tokens"),
    promptRequests: count("probe-requests") ?? usual.promptRequests,
  };
}

function timeoutsOf(given: CaptureFlags, command: string): CaptureTimeouts {
  const read = valueReader(command);
  const seconds = (name: keyof typeof CAPTURE_OPTIONS, usual: number): number =>
    read.number(name, given.text(name), COUNT) ?? usual;
  const traces = seconds("trace-timeout", DEFAULT_TIMEOUTS.traces);
  return {
    ...DEFAULT_TIMEOUTS,
    request: seconds("request-timeout", DEFAULT_TIMEOUTS.request),
    start: seconds("start-timeout", DEFAULT_TIMEOUTS.start),
    stop: seconds("stop-timeout", DEFAULT_TIMEOUTS.stop),
    traces,
    // Asking for more patience than usual means the first trace as well.
    firstTrace: given.has("trace-timeout") ? traces : DEFAULT_TIMEOUTS.firstTrace,
    quiet: seconds("quiet-period", DEFAULT_TIMEOUTS.quiet),
  };
}

/** triage-capture, triage-capture-2, …: the first that is not there. */
function freshFolder(): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? "triage-capture" : `triage-capture-${number}`;
    if (!existsSync(name)) return name;
  }
}

/**
 * A folder holds one capture: traces of an earlier one would be triaged with the new.
 *
 * @throws {TriageError} usage/folder-taken
 */
export function assertUnusedFolder(directory: string, command: string): void {
  if (!existsSync(join(directory, CAPTURE_FILE))) return;
  const message = `${directory} holds an earlier capture: choose another --output-dir, or triage that folder.`;
  throw usage("folder-taken", message, command);
}
