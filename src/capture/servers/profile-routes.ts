import { isObject } from "../../base/is-object.ts";
import type { HttpReply } from "../net/http.ts";
import { authFailure, countOf, quoted, textOf, transportFailure } from "../net/replies.ts";
import { getFrom, postTo, type ServerLink } from "../net/server-link.ts";
import type { Failure, StartOutcome, StopOutcome } from "../server-driver.ts";

/** How one engine's answers to `/start_profile` and `/stop_profile` are read. */
export interface ProfileRoutes {
  /** The address has no such routes: what to do about it. */
  readonly noRouteHint: string;
  /** An answer of status 200 that means no all the same. */
  readonly refusesWith200?: (reply: HttpReply) => boolean;
  /** A 404 that is about something else than a missing route. */
  readonly knowsRoute?: (reply: HttpReply) => boolean;
  /** Another profile is running. */
  readonly isBusy: (reply: HttpReply) => boolean;
  /** What a server may have died of that a start took down. */
  readonly diedHint?: string;
  /** In place of "Another profile is running." */
  readonly busyRemark?: string;
  /** An answer to stop that means there was nothing to stop any more. */
  readonly isIdle?: (reply: HttpReply) => boolean;
  /** Reasons of this engine alone. */
  readonly ownRefusal?: (reply: HttpReply, message: string) => Failure | null;
  readonly rejectedHint?: string;
}

/** Starts a profile; without `body` none is sent, which is not the same as an empty object. */
export async function startProfile(
  routes: ProfileRoutes,
  link: ServerLink,
  deadlineMs: number,
  body?: object,
): Promise<StartOutcome> {
  const what = "starting the profile";
  const result = await postTo(link, "/start_profile", deadlineMs, ofWorker(link, body));
  if (result.kind !== "reply") {
    const failure = transportFailure(result, what);
    const more = failure.reason === "died" ? ` ${routes.diedHint ?? ""}` : "";
    return { ...failure, hint: (failure.hint + more).trimEnd() };
  }
  if (result.status === 200 && !routes.refusesWith200?.(result))
    return { kind: "started", serverTime: result.serverTime };
  await stopStartedWorkers(link, result);
  return refusal(routes, link, result, what);
}

function ofWorker({ workerUrl }: ServerLink, body: object | undefined): object | undefined {
  return workerUrl === null ? body : { ...body, url: workerUrl };
}

/**
 * The smg gateway asks every worker and answers 206 when some refused: a start that only some took
 * is a failure, and those that took it are ours to stop.
 */
async function stopStartedWorkers(link: ServerLink, { json }: HttpReply): Promise<void> {
  const started = isObject(json) && Array.isArray(json.successful) ? json.successful : [];
  for (const entry of started) {
    const url = textOf(entry) ?? (isObject(entry) ? textOf(entry.worker) : null);
    if (url !== null) await postTo(link, "/stop_profile", TAKE_BACK_MS, { url });
  }
}

const TAKE_BACK_MS = 10_000;

export async function stopProfile(
  routes: ProfileRoutes,
  link: ServerLink,
  deadlineMs: number,
): Promise<StopOutcome> {
  const what = "stopping the profile";
  const result = await postTo(link, "/stop_profile", deadlineMs, ofWorker(link, undefined));
  if (result.kind !== "reply") return transportFailure(result, what);
  if (result.status === 200) return { kind: "stopped" };
  const failed = failedWorkers(result);
  if (failed.length > 0) return stopLeftWorkers(routes, link, result, failed);
  if (routes.isIdle?.(result)) return { kind: "idle" };
  return refusal(routes, link, result, what);
}

/**
 * A gateway that answers 206 to a stop has left workers recording: each is asked once more by name.
 * One that says there is nothing to stop has ended by itself.
 */
async function stopLeftWorkers(
  routes: ProfileRoutes,
  link: ServerLink,
  partial: HttpReply,
  failed: readonly FailedWorker[],
): Promise<StopOutcome> {
  const isIdle = (text: string) => routes.isIdle?.({ ...partial, text }) ?? false;
  const recording = failed.filter(({ error }) => !isIdle(error));
  for (const { worker } of recording) {
    const again = await postTo(link, "/stop_profile", TAKE_BACK_MS, { url: worker });
    if (again.kind === "reply" && (again.status === 200 || isIdle(again.text))) continue;
    const failure = refusal(routes, link, partial, "stopping the profile");
    const command = `curl -X POST ${link.url}/stop_profile --json '{"url": "${worker}"}'`;
    const hint = `A profile may still be running on ${worker}; end it with: ${command}. ${failure.hint}`;
    return { ...failure, hint };
  }
  const stopped = countOf(isObject(partial.json) ? partial.json.workers_profiled : null) ?? 0;
  return { kind: recording.length + stopped > 0 ? "stopped" : "idle" };
}

interface FailedWorker {
  readonly worker: string;
  readonly error: string;
}

/** Workers that a gateway's partial answer names as failed, each with its reason. */
function failedWorkers({ json }: HttpReply): FailedWorker[] {
  const failed = isObject(json) && Array.isArray(json.failed) ? json.failed : [];
  return failed.filter(isObject).flatMap(({ worker, error }) => {
    const url = textOf(worker);
    return url === null ? [] : [{ worker: url, error: textOf(error) ?? "" }];
  });
}

/** For routes that take POST only: GET is refused with 405 where they exist and 404 where not. */
export async function findRoutes(routes: ProfileRoutes, link: ServerLink): Promise<Failure | null> {
  const result = await getFrom(link, "/start_profile");
  if (result.kind !== "reply" || result.status !== 404 || routes.knowsRoute?.(result)) return null;
  return noRoute(routes, `GET /start_profile: ${quoted(result)}`);
}

function refusal(routes: ProfileRoutes, link: ServerLink, reply: HttpReply, what: string): Failure {
  const message = `${what}: ${quoted(reply)}`;
  const known = authFailure(reply, what) ?? routes.ownRefusal?.(reply, message);
  if (known) return known;
  // A gateway quotes the status that its worker gave.
  if (routes.isBusy(reply) || /\bHTTP 409\b/.test(reply.text)) return busy(routes, link, message);
  if (link.workerUrl !== null && /no worker matching/i.test(reply.text)) {
    const hint = `Give --worker-url as ${link.url}/workers writes it.`;
    return { kind: "failed", reason: "rejected", message, hint };
  }
  if ((reply.status === 404 || reply.status === 405) && !routes.knowsRoute?.(reply))
    return noRoute(routes, message);
  return {
    kind: "failed",
    reason: "rejected",
    message,
    hint: routes.rejectedHint ?? "See the server's log for the reason.",
  };
}

export function noRoute({ noRouteHint: hint }: ProfileRoutes, message: string): Failure {
  return { kind: "failed", reason: "not-supported", message, hint };
}

function busy({ busyRemark }: ProfileRoutes, { url }: ServerLink, message: string): Failure {
  const remark = busyRemark ?? "Another profile is running.";
  return {
    kind: "failed",
    reason: "busy",
    message,
    hint: `${remark} It was left alone: if it is nobody's, end it with: curl -X POST ${url}/stop_profile`,
  };
}
