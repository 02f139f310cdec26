import { captureError } from "./capture-error.ts";
import { withTicks } from "./net/clock.ts";
import type { ServerLink } from "./net/server-link.ts";
import type { Failure, ProfileWindow, ServerDriver, StopOutcome } from "./server-driver.ts";

/** For the attempt to stop when things went wrong: shorter than the grace after Ctrl-C (cli/interrupt.ts). */
const RESCUE_STOP_MS = 4_000;

interface SessionTarget {
  readonly driver: ServerDriver;
  /** The server that is profiled; in disaggregated serving not the one that takes the load. */
  readonly link: ServerLink;
  readonly window: ProfileWindow;
  /** Makes the engine take one step, by a request of one token. */
  readonly nudge: (deadlineMs: number) => Promise<unknown>;
  readonly startTimeoutMs: number;
  /** For the whole saving of the traces: engines answer when they are done. */
  readonly stopTimeoutMs: number;
  readonly progressMs: number;
  readonly onProgress: (message: string) => void;
}

interface SessionEnd {
  readonly stop: StopOutcome;
  /** The server's clock when the profile started, ms since 1970; ours where it does not tell. */
  readonly startedAt: number;
}

/**
 * Records while `drive` sends load. A profile is ours once the server has said that it started; then
 * it is stopped exactly once whatever happens, and a profile that is not ours is never touched.
 *
 * A start that was never answered may have taken effect, so it gets one attempt to stop as well.
 *
 * @throws {TriageError} `capture/…` when it could not be started; whatever `drive` throws; the
 *   signal's reason when interrupted.
 */
export async function recordSession(
  target: SessionTarget,
  drive: () => Promise<void>,
): Promise<SessionEnd> {
  const { driver, link } = target;
  const outcome = await startSession(target);
  if (outcome.kind === "failed") {
    if (outcome.reason === "no-answer" || outcome.reason === "died") await rescueStop(target);
    throw captureError(outcome.reason, outcome.message, outcome.hint, { place: link.url });
  }
  const startedAt = outcome.serverTime ?? link.clock.date().getTime();
  try {
    await drive();
    link.signal?.throwIfAborted();
  } catch (error) {
    await rescueStop(target);
    throw error;
  }
  const stop = await stopSession(target);
  if (stop.kind !== "failed" || stop.reason !== "no-answer") return { stop, startedAt };
  const second = await rescueStop(target);
  const ended = second !== null && second.kind !== "failed";
  return { stop: ended ? second : unanswered(stop, driver), startedAt };
}

async function startSession(target: SessionTarget) {
  const { driver, link, window } = target;
  try {
    return await driver.start(link, window, target.startTimeoutMs);
  } catch (error) {
    // Interrupted while the server was starting: it may have heard us.
    await rescueStop(target);
    throw error;
  }
}

/** Asks to stop and waits for the saving. When interrupted, the request under way gets a little longer. */
async function stopSession(target: SessionTarget): Promise<StopOutcome> {
  const { driver, link, onProgress } = target;
  const patience = new AbortController();
  let forget = () => {};
  const onAbort = () => {
    forget = link.clock.after(RESCUE_STOP_MS, () => patience.abort(link.signal?.reason));
  };
  link.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const outcome = await withTicks(
      link.clock,
      target.progressMs,
      (seconds) => onProgress(`the server is saving its traces (${seconds} s)`),
      () => driver.stop({ ...link, signal: patience.signal }, target.stopTimeoutMs),
    );
    link.signal?.throwIfAborted();
    return outcome;
  } finally {
    forget();
    link.signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * One attempt to stop, outside the interrupted signal; its failure is not worth more words. Where a
 * window may still wait for its first step, it is given one and stopped then.
 */
async function rescueStop(target: SessionTarget): Promise<StopOutcome | null> {
  const { driver, nudge } = target;
  const link = { ...target.link, signal: null };
  try {
    const outcome = await driver.stop(link, RESCUE_STOP_MS);
    if (outcome.kind !== "idle" || !driver.stopNeedsStep) return outcome;
    await nudge(RESCUE_STOP_MS);
    return await driver.stop(link, RESCUE_STOP_MS);
  } catch {
    return null;
  }
}

function unanswered(stopped: Failure, driver: ServerDriver): Failure {
  return {
    ...stopped,
    hint: `${driver.title} did not answer two requests to stop: a profile may still be running there. ${stopped.hint}`,
  };
}
