import type { Clock } from "./clock.ts";
import { callHttp, type HttpResult } from "./http.ts";

/** One server and how to talk to it. */
export interface ServerLink {
  /** Base address without a trailing slash. */
  readonly url: string;
  readonly apiKey: string | null;
  /** The only worker behind a gateway that is to be profiled; null = all of them. */
  readonly workerUrl: string | null;
  readonly clock: Clock;
  readonly signal: AbortSignal | null;
}

/** Deadline of calls that a healthy server answers at once. */
const QUICK_MS = 10_000;

/**
 * `text` as the base address of a server: scheme added, trailing slashes and a `/v1` suffix dropped.
 * `:8000` means this host.
 */
export function baseUrl(text: string): string | null {
  const host = text.startsWith(":") ? `127.0.0.1${text}` : text;
  const url = /^https?:\/\//i.test(host) ? host : `http://${host}`;
  if (!URL.canParse(url)) return null;
  const { origin, pathname, hostname } = new URL(url);
  return hostname === "" ? null : origin + pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
}

export function getFrom(
  link: ServerLink,
  path: string,
  deadlineMs = QUICK_MS,
): Promise<HttpResult> {
  return callHttp({ ...link, url: link.url + path, method: "GET", deadlineMs });
}

/** A POST; without `body` none is sent, which is not the same as an empty object. */
export function postTo(
  link: ServerLink,
  path: string,
  deadlineMs: number,
  body?: unknown,
): Promise<HttpResult> {
  return callHttp({
    ...link,
    url: link.url + path,
    method: "POST",
    deadlineMs,
    ...(body === undefined ? {} : { body }),
  });
}

/**
 * Whether anything listens. Health routes are not asked: SGLang's runs a forward and turns 503 while
 * a trace is saved. Silence means busy, only a refused connection means dead.
 */
export async function isDead(link: ServerLink): Promise<boolean> {
  return (await getFrom(link, "/v1/models")).kind === "refused";
}
