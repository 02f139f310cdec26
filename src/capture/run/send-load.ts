import { isObject } from "../../base/is-object.ts";
import { captureError } from "../capture-error.ts";
import type { HttpResult } from "../net/http.ts";
import { quoted } from "../net/replies.ts";
import { isDead, postTo, type ServerLink } from "../net/server-link.ts";
import type { Probe, ProbeReply, ServerDriver } from "../server-driver.ts";

/** Where requests go and how they are written. */
export interface LoadTarget {
  readonly driver: ServerDriver;
  readonly link: ServerLink;
  readonly modelId: string;
  /** Tokens of prompt and answer together; null = not known. */
  readonly contextLimit: number | null;
  readonly timeoutMs: number;
}

/** What a request really cost, for the record: servers count tokens their own way. */
export interface SentProbe {
  readonly promptTokens: number | null;
  readonly outputTokens: number | null;
  /** Milliseconds from sending to the last byte. */
  readonly latencyMs: number;
  readonly text: string;
}

/**
 * Sends groups of requests one after the other; those of one group at the same time.
 *
 * @throws {TriageError} `capture/died` or `capture/request-failed` at the first that fails.
 */
export async function sendLoad(
  target: LoadTarget,
  groups: readonly (readonly Probe[])[],
): Promise<SentProbe[]> {
  const sent: SentProbe[] = [];
  for (const group of groups) sent.push(...(await sendGroup(target, group)));
  return sent;
}

/** The first failure takes the others back, so that nothing of ours keeps the server busy. */
async function sendGroup(target: LoadTarget, group: readonly Probe[]): Promise<SentProbe[]> {
  const siblings = new AbortController();
  const { signal } = target.link;
  const both = signal === null ? siblings.signal : AbortSignal.any([signal, siblings.signal]);
  const link = { ...target.link, signal: both };
  try {
    return await Promise.all(group.map((probe) => sendProbe({ ...target, link }, probe)));
  } catch (error) {
    siblings.abort(error);
    throw error;
  }
}

/** One request. @throws as {@link sendLoad} */
export async function sendProbe(target: LoadTarget, probe: Probe): Promise<SentProbe> {
  const { driver, link, modelId, timeoutMs } = target;
  const { path, body } = driver.request(probe, modelId);
  const started = link.clock.now();
  let result = await postTo(link, path, timeoutMs, body);
  if (refusesIgnoreEos(result)) result = await postTo(link, path, timeoutMs, without(body));
  const latencyMs = Math.round(link.clock.now() - started);
  const reply = replyOf(driver, result);
  if (reply === null) throw await loadError(link, path, result);
  return { ...reply, latencyMs };
}

function replyOf(driver: ServerDriver, result: HttpResult): ProbeReply | null {
  return result.kind === "reply" && result.status === 200 ? driver.readReply(result.json) : null;
}

/** Not every release knows the field; without it an answer may end early, which the step count shows. */
function refusesIgnoreEos(result: HttpResult): boolean {
  return (
    result.kind === "reply" && [400, 422].includes(result.status) && /ignore_eos/.test(result.text)
  );
}

function without(body: object): object {
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== "ignore_eos"));
}

async function loadError(link: ServerLink, path: string, result: HttpResult) {
  const place = `POST ${link.url}${path}`;
  if (result.kind === "timeout") {
    const hint =
      "The server may be saving a trace or be stuck: see its log, or raise --request-timeout.";
    return captureError("request-failed", `a request got ${result.message}`, hint, { place });
  }
  if (result.kind !== "reply" && (result.kind === "refused" || (await isDead(link)))) {
    const hint = "See the server's log for how it ended; what it had written is still there.";
    return captureError("died", `the server died during a request: ${result.message}`, hint, {
      place,
    });
  }
  const message = `a request failed: ${quoted(result)}`;
  const reason = isTooLong(result) ? "context-limit" : "request-failed";
  return captureError(reason, message, hintFor(result), { place });
}

/** Servers count tokens their own way, and word the refusal each differently. */
function isTooLong(result: HttpResult): boolean {
  const words = /context|too long|max_model_len|max_tokens|maximum.*length|longer than/i;
  return result.kind === "reply" && result.status === 400 && words.test(result.text);
}

function hintFor(result: HttpResult): string {
  if (result.kind !== "reply") return "The connection broke, but the server is up: try again.";
  if (result.status === 401 || result.status === 403)
    return "Give the server's key with --api-key or in FUSE_TRIAGE_API_KEY.";
  if (isTooLong(result))
    return "The prompt does not fit the model's context: lower --prefill-input-len or --decode-output-len.";
  if (result.status === 404 && isObject(result.json))
    return "Does the server know this model name? See --model-id.";
  return "See the server's log for the reason.";
}
