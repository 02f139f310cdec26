import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { parseJson } from "../../base/files/read-json.ts";
import { withoutKey } from "../secrets.ts";
import type { Clock } from "./clock.ts";

/** An answer, or how the connection ended without one. */
export type HttpResult = HttpReply | HttpFailure;

export interface HttpReply {
  readonly kind: "reply";
  readonly status: number;
  /** The body without the key that was sent, for it may be quoted. */
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
  /** The server's own clock (`Date` header), ms since 1970; null when not sent. */
  readonly serverTime: number | null;
}

export interface HttpFailure {
  /**
   * `refused`: nobody listens (or no such host); `reset`: the connection broke while we waited, as
   * when the server dies; `timeout`: no complete answer before the deadline.
   */
  readonly kind: "refused" | "reset" | "timeout";
  readonly message: string;
}

interface HttpCall {
  readonly url: string;
  readonly method: "GET" | "POST";
  /** Sent as JSON; absent = no body at all (some servers refuse an unexpected one). */
  readonly body?: unknown;
  readonly apiKey: string | null;
  /** For the whole call, first byte to last. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** Aborting rejects with the signal's reason. */
  readonly signal: AbortSignal | null;
}

/**
 * Bytes; many times what any of these servers answers: states and lists of models are long, what a
 * button or a request for a few tokens answers is not.
 */
const LONGEST_ANSWER = 1 << 20;
const LONGEST_STATE = 8 << 20;
const STATES =
  /\/(?:get_)?(?:server_info|model_info|models|metrics|workers|version|openapi\.json|get_loads?)$/;

const longestOf = (path: string): number => (STATES.test(path) ? LONGEST_STATE : LONGEST_ANSWER);

/** Codes that mean nobody was there to take the call. */
const NOBODY = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"]);

/**
 * One call with one deadline of ours. `fetch` is not used: it gives up on headers after five
 * minutes whatever we ask for, and a server that saves a large trace may answer after fifteen.
 * Redirects are not followed; every call has its own connection, so that a dead one is never reused.
 *
 * @throws the signal's reason when aborted; nothing else: how a call failed is a value.
 */
export function callHttp(call: HttpCall): Promise<HttpResult> {
  return new Promise((resolve, reject) => {
    if (call.signal?.aborted) return reject(call.signal.reason);
    const url = new URL(call.url);
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const request = send(url, {
      method: call.method,
      agent: false,
      headers: headersOf(call.apiKey, body),
    });
    const settle = (result: HttpResult) => {
      release();
      request.destroy();
      resolve(result);
    };
    const onAbort = () => {
      release();
      request.destroy();
      reject(call.signal?.reason);
    };
    const cancel = call.clock.deadline(call.deadlineMs, () => {
      const message = `no answer within ${Math.round(call.deadlineMs / 1000)} s`;
      settle({ kind: "timeout", message });
    });
    const release = () => {
      cancel();
      call.signal?.removeEventListener("abort", onAbort);
    };
    call.signal?.addEventListener("abort", onAbort, { once: true });
    request.on("error", (error) => settle(failureOf(error)));
    request.on("response", (response) =>
      readReply(response, call.apiKey, longestOf(url.pathname)).then(settle, (error: Error) =>
        settle(failureOf(error)),
      ),
    );
    request.end(body ?? undefined);
  });
}

function headersOf(apiKey: string | null, body: string | null): Record<string, string> {
  return {
    accept: "application/json, text/plain;q=0.9, */*;q=0.1",
    ...(body === null
      ? {}
      : {
          "content-type": "application/json",
          "content-length": String(Buffer.byteLength(body)),
        }),
    ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
  };
}

/** @throws when the connection breaks or the body is longer than any honest one */
async function readReply(
  response: IncomingMessage,
  apiKey: string | null,
  longest: number,
): Promise<HttpReply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > longest) throw new Error(`the answer is longer than ${longest} bytes`);
    chunks.push(chunk as Buffer);
  }
  // Before anything is made of it: what a message quotes may come from either.
  const text = withoutKey(Buffer.concat(chunks).toString("utf8"), apiKey);
  const serverTime = Date.parse(response.headers.date ?? "");
  return {
    kind: "reply",
    status: response.statusCode ?? 0,
    text,
    json: jsonOf(text),
    serverTime: Number.isNaN(serverTime) ? null : serverTime,
  };
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function failureOf(error: Error & { code?: string }): HttpFailure {
  const code = error.code ?? "";
  // A host with several addresses reports one error per address and none of its own.
  const codes = error instanceof AggregateError ? error.errors.map((one) => one.code) : [code];
  const refused = codes.length > 0 && codes.every((one) => NOBODY.has(one));
  return { kind: refused ? "refused" : "reset", message: error.message || codes.join(", ") };
}
