import { type ChildProcess, spawn } from "node:child_process";
import { captureError } from "../capture-error.ts";
import { type Clock, sleep } from "../net/clock.ts";
import { modelIds } from "../net/replies.ts";
import { getFrom, isDead, type ServerLink } from "../net/server-link.ts";
import { lineCleaner } from "../secrets.ts";
import { ServerLog } from "./server-log.ts";

interface LaunchOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly url: string;
  readonly logPath: string;
  readonly readySeconds: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | null;
  readonly onProgress: (message: string) => void;
}

const READY_POLL_MS = 2_000;
/** Engines take a moment to give the GPU back. */
const TERM_GRACE_MS = 30_000;

/**
 * Starts a server, waits until it lists a model, runs `work`, and ends the server's whole process
 * group whatever happens. Only what was started here is ended: a port that is taken is refused.
 *
 * @throws {TriageError} `capture/busy` for a taken port, `capture/died` with the end of its log,
 *   `capture/no-answer` when it is not ready in time; whatever `work` throws.
 */
export async function withServer<T>(options: LaunchOptions, work: () => Promise<T>): Promise<T> {
  const link: ServerLink = { ...options, apiKey: null, workerUrl: null };
  if (!(await isDead(link))) {
    const hint = "End the server there, or choose another port in the configuration.";
    throw captureError("busy", `something answers at ${link.url} already`, hint, {
      place: link.url,
    });
  }
  const log = await ServerLog.open(options.logPath, lineCleaner(options));
  try {
    const child = await start(options, log);
    // Whoever waits no longer than a grace period (a second Ctrl-C) leaves no server behind.
    const endNow = () => signalGroup(child.pid!, "SIGKILL");
    process.once("exit", endNow);
    try {
      await untilReady(child, link, options, log);
      return await work();
    } finally {
      await end(child, options.clock);
      process.off("exit", endNow);
    }
  } finally {
    await log.close();
  }
}

async function start({ command, env }: LaunchOptions, log: ServerLog): Promise<ChildProcess> {
  try {
    const [program = "", ...args] = command;
    // A group of its own: engines start workers that must end with it.
    const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    log.take(child.stdout);
    log.take(child.stderr);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    return child;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const hint = "Check the launch command in the configuration.";
    throw captureError("died", `the server could not be started: ${why}`, hint, { cause });
  }
}

async function untilReady(
  child: ChildProcess,
  link: ServerLink,
  options: LaunchOptions,
  log: ServerLog,
): Promise<void> {
  const { clock, readySeconds, signal, onProgress, logPath } = options;
  const started = clock.now();
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const how = child.signalCode ?? `exit code ${child.exitCode}`;
      const message = `the server ended before it was ready (${how})`;
      throw captureError("died", message, await log.tail(), { place: logPath });
    }
    if (modelIds(await getFrom(link, "/v1/models")).length > 0) return;
    const seconds = Math.round((clock.now() - started) / 1000);
    if (seconds >= readySeconds) {
      const message = `the server is not ready after ${seconds} s`;
      throw captureError("no-answer", message, await log.tail(), { place: logPath });
    }
    onProgress(`waiting for ${link.url} to be ready (${seconds} s)`);
    await sleep(clock, READY_POLL_MS, signal);
  }
}

async function end(child: ChildProcess, clock: Clock): Promise<void> {
  const { pid } = child;
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  if (pid === undefined) return;
  signalGroup(pid, "SIGTERM");
  if (ended()) return;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(TERM_GRACE_MS, () => {
      signalGroup(pid, "SIGKILL");
      resolve();
    });
    child.once("exit", () => {
      cancel();
      resolve();
    });
  });
}

/** Negative: the whole group. Workers may outlive their parent, so it is signalled even when that has ended. */
function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
