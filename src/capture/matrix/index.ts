import { mkdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseJson } from "../../base/files/read-json.ts";
import { readSideText } from "../../base/files/side-file.ts";
import { writeJson } from "../../base/files/write-whole.ts";
import { isObject } from "../../base/is-object.ts";
import { TriageError } from "../../model/errors.ts";
import { FRAMEWORKS, type FrameworkId } from "../../model/framework.ts";
import { MATRIX_FILE } from "../bundle/find-reports.ts";
import {
  type CaptureHooks,
  type CaptureOptions,
  contextOf,
  DEFAULT_CAPTURE_OPTIONS,
  DEFAULT_TIMEOUTS,
} from "../capture-options.ts";
import { captureRun } from "../index.ts";
import { readRecord } from "../run/capture-record.ts";
import type { WorkloadKind, WorkloadOptions } from "../workload.ts";
import { withServer } from "./launch-server.ts";
import type { LaunchSetup, MatrixConfig, MatrixModel, ServerSetup } from "./matrix-config.ts";

interface MatrixOptions {
  /** Holds one directory per model. */
  readonly output: string;
  /** Also do what an earlier run has done. */
  readonly again: boolean;
  readonly apiKey: string | null;
  readonly timeouts: CaptureOptions["timeouts"];
  /** Of this process, for launched servers to inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What became of one framework serving one model. */
export interface MatrixCell {
  readonly model: string;
  readonly framework: FrameworkId;
  readonly status: "done" | "failed";
  /** True when an earlier run had done it. */
  readonly resumed: boolean;
  readonly message: string | null;
  readonly reportPath: string;
}

export interface MatrixHooks extends CaptureHooks {
  /** Runs what must be tidied up when it is interrupted: a recording, a server that was launched. */
  recording<T>(work: () => Promise<T>): Promise<T>;
  /** Makes the report of captured traces; the mapping directory is null where none was captured. */
  analyse(traces: { formal: string; mapping: string | null }, reportPath: string): Promise<void>;
}

/**
 * Captures and analyses every model on every framework of the configuration, on servers that run or
 * that it launches. Each model has a directory; a failed cell is kept with its reason and the rest
 * goes on; what an earlier run finished is not done again.
 *
 * @throws only when interrupted, and for faults of the program.
 */
export async function runMatrix(
  config: MatrixConfig,
  options: MatrixOptions,
  hooks: MatrixHooks,
): Promise<MatrixCell[]> {
  const cells: MatrixCell[] = [];
  for (const model of config.models) {
    const directory = join(resolve(options.output), model.id);
    await mkdir(directory, { recursive: true });
    const own: MatrixCell[] = [];
    for (const framework of frameworksOf(config, model)) {
      const cell = await runCell({ config, model, framework, directory, options, hooks });
      own.push(cell);
      await writeState(directory, own);
    }
    cells.push(...own);
  }
  return cells;
}

interface CellContext {
  readonly config: MatrixConfig;
  readonly model: MatrixModel;
  readonly framework: FrameworkId;
  readonly directory: string;
  readonly options: MatrixOptions;
  readonly hooks: MatrixHooks;
}

/** Frameworks of a model in fixed order: those it asks for, or all it can have. */
function frameworksOf({ servers = {} }: MatrixConfig, model: MatrixModel): FrameworkId[] {
  return FRAMEWORKS.filter((id) =>
    model.frameworks === undefined
      ? servers[id] !== undefined || model.urls?.[id] !== undefined
      : model.frameworks.includes(id),
  );
}

async function runCell(cell: CellContext): Promise<MatrixCell> {
  const { model, framework, directory, options, hooks } = cell;
  const reportPath = join(directory, `analysis_${framework}.md`);
  const about = { model: model.id, framework, reportPath };
  if (!options.again && (await isDone(directory, framework, reportPath)))
    return { ...about, status: "done", resumed: true, message: null };
  try {
    const capture = (role: Role) => hooks.recording(() => captureRole(cell, role));
    const formal = await capture("formal");
    const mapping = hasMapping(cell) ? await capture("mapping") : null;
    await hooks.analyse({ formal, mapping }, reportPath);
    return { ...about, status: "done", resumed: false, message: null };
  } catch (error) {
    hooks.signal?.throwIfAborted();
    if (!(error instanceof TriageError)) throw error;
    const message = `${error.message} (${error.code})`;
    return { ...about, status: "failed", resumed: false, message };
  }
}

type Role = "formal" | "mapping";

function hasMapping({ config, model, framework }: CellContext): boolean {
  return (
    config.servers?.[framework]?.mapping !== undefined ||
    model.mappingUrls?.[framework] !== undefined
  );
}

/** The directory of a role's traces, captured now unless an earlier run has them whole. */
async function captureRole(cell: CellContext, role: Role): Promise<string> {
  const { config, model, framework, directory } = cell;
  const traces = join(directory, role === "formal" ? framework : `${framework}-mapping`);
  const urls = role === "formal" ? model.urls : model.mappingUrls;
  const traceDirs = role === "formal" ? model.traceDirs : model.mappingTraceDirs;
  const url = urls?.[framework];
  const stages = config.stages ?? (["prefill", "decode"] as const);
  const kind = stages.length === 2 ? "both" : stages[0]!;
  if (url !== undefined) {
    await captureInto(cell, traces, url, kind, { traceDir: traceDirs?.[framework] ?? null });
    return traces;
  }
  const setup = config.servers![framework]!;
  if (setup.perStage !== true) await launchAndCapture(cell, setup, role, traces, kind);
  else
    for (const stage of stages)
      await launchAndCapture(cell, setup, role, join(traces, stage), stage);
  return traces;
}

async function launchAndCapture(
  cell: CellContext,
  setup: ServerSetup,
  role: Role,
  traces: string,
  kind: WorkloadKind,
): Promise<void> {
  const { model, options, hooks } = cell;
  if (!options.again && (await isWhole(traces))) return;
  await mkdir(traces, { recursive: true });
  const command: LaunchSetup = role === "formal" ? setup : setup.mapping!;
  const fill = filler(model, setup.port, traces, kind);
  const context = contextOf(hooks);
  const env = Object.entries({ ...setup.env, ...command.env }).map(([key, value]) => [
    key,
    fill(value),
  ]);
  const launch = {
    command: command.launch.map(fill),
    env: { ...options.env, ...Object.fromEntries(env) },
    url: `http://127.0.0.1:${setup.port}`,
    // Beside the traces, so that a look for fallbacks reads this server's log and no other's.
    logPath: join(traces, "server.log"),
    readySeconds: setup.readySeconds ?? 1800,
    clock: context.clock,
    signal: context.signal,
    onProgress: (message: string) => context.report({ phase: "recognise", stage: null, message }),
  };
  const envTrace = setup.envTrace === undefined ? null : fill(setup.envTrace);
  await withServer(launch, () => captureInto(cell, traces, launch.url, kind, { envTrace }));
}

/** Fills the placeholders of a launch command; other braces stay, for arguments may be JSON. */
function filler(model: MatrixModel, port: number, traces: string, kind: WorkloadKind) {
  const values: Record<string, string> = {
    model: model.model,
    id: model.id,
    port: String(port),
    tp: String(model.tp ?? 1),
    traces,
    stage: kind,
  };
  return (text: string) =>
    text.replace(/\{(model|id|port|tp|traces|stage)\}/g, (_, name: string) => values[name]!);
}

async function captureInto(
  { config, framework, options, hooks }: CellContext,
  traces: string,
  url: string,
  kind: WorkloadKind,
  more: Partial<CaptureOptions>,
): Promise<void> {
  if (!options.again && (await isWhole(traces))) return;
  const workload: WorkloadOptions = {
    ...DEFAULT_CAPTURE_OPTIONS.workload,
    ...config.workload,
    kind,
  };
  const { apiKey, timeouts } = options;
  await captureRun(
    {
      ...DEFAULT_CAPTURE_OPTIONS,
      ...more,
      url,
      framework,
      apiKey,
      timeouts,
      output: traces,
      workload,
    },
    hooks,
  );
}

export const DEFAULT_MATRIX_OPTIONS = {
  again: false,
  apiKey: null,
  timeouts: DEFAULT_TIMEOUTS,
} as const satisfies Partial<MatrixOptions>;

async function isWhole(traces: string): Promise<boolean> {
  const record = await readRecord(traces).catch(() => null);
  return record?.status === "complete";
}

async function isDone(
  directory: string,
  framework: FrameworkId,
  reportPath: string,
): Promise<boolean> {
  const report = await stat(reportPath).catch(() => null);
  const cells = await readState(directory);
  return (
    report !== null && cells.some((cell) => cell.framework === framework && cell.status === "done")
  );
}

async function readState(directory: string): Promise<Record<string, unknown>[]> {
  try {
    const state: unknown = parseJson(readSideText(join(directory, MATRIX_FILE)));
    return isObject(state) && Array.isArray(state.cells) ? state.cells.filter(isObject) : [];
  } catch {
    return [];
  }
}

/** Keeps what earlier runs did with frameworks that this one has not come to. */
async function writeState(directory: string, own: readonly MatrixCell[]): Promise<void> {
  const done = own.map(({ framework, status, message }) => ({ framework, status, message }));
  const earlier = (await readState(directory)).filter(
    (cell) => !own.some(({ framework }) => framework === cell.framework),
  );
  const cells = [...earlier, ...done].sort(
    (a, b) =>
      FRAMEWORKS.indexOf(a.framework as FrameworkId) -
      FRAMEWORKS.indexOf(b.framework as FrameworkId),
  );
  await writeJson(join(directory, MATRIX_FILE), { cells });
}
