import { isObject } from "../../base/is-object.ts";
import type { Failure, ProbeReply } from "../server-driver.ts";
import type { HttpFailure, HttpResult } from "./http.ts";

/** The JSON object of an answer with a 2xx status; null for everything else. */
export function objectOf(result: HttpResult): Record<string, unknown> | null {
  if (result.kind !== "reply" || result.status < 200 || result.status > 299) return null;
  return isObject(result.json) ? result.json : null;
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A count: positive whole number, also when it came as float or text (protobuf JSON does both). */
export function countOf(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number > 0 ? number : null;
}

/** Entries of an OpenAI model list. */
export function modelList(models: HttpResult): Record<string, unknown>[] {
  const data = objectOf(models)?.data;
  return Array.isArray(data) ? data.filter(isObject) : [];
}

export function modelIds(models: HttpResult): string[] {
  return modelList(models).flatMap(({ id }) => textOf(id) ?? []);
}

export function ownedBy(models: HttpResult, owner: string): boolean {
  return modelList(models).some((model) => model.owned_by === owner);
}

/**
 * Whether `/readiness` answers as the smg gateway does. It stands in front of any engine, shows one
 * worker's arguments as its own, and engines have no such route.
 */
export function isGateway(readiness: HttpResult): boolean {
  if (readiness.kind !== "reply" || !isObject(readiness.json)) return false;
  const { status } = readiness.json;
  return typeof status === "string" && /ready/.test(status);
}

/** First lines of an answer, for messages. */
export function quoted(result: HttpResult): string {
  if (result.kind !== "reply") return result.message;
  const text = result.text.replace(/\s+/g, " ").trim();
  return `HTTP ${result.status}${text === "" ? "" : `: ${text.length > 300 ? `${text.slice(0, 300)}…` : text}`}`;
}

/** A call that got no answer, as the failure of `what` ("starting the profile"). */
export function transportFailure(failure: HttpFailure, what: string): Failure {
  const said = { kind: "failed", message: `${what}: ${failure.message}` } as const;
  switch (failure.kind) {
    case "timeout":
      return {
        ...said,
        reason: "no-answer",
        hint: "The server accepts connections but does not answer: see its log; raise the timeout if it is only slow.",
      };
    case "refused":
      return {
        ...said,
        reason: "died",
        hint: "Nothing listens there any more: see the server's log.",
      };
    case "reset":
      return {
        ...said,
        reason: "died",
        hint: "The connection broke while the server worked: it probably died, see its log.",
      };
  }
}

/** 401 and 403, the same everywhere; null for other answers. */
export function authFailure(result: HttpResult, what: string): Failure | null {
  if (result.kind !== "reply" || (result.status !== 401 && result.status !== 403)) return null;
  return {
    kind: "failed",
    reason: "unauthorised",
    message: `${what}: the server asks for a key (${quoted(result)})`,
    hint: "Give the server's key with --api-key or in FUSE_TRIAGE_API_KEY; profile routes may need its admin key.",
  };
}

/** The answer of an OpenAI completion route. */
export function completionReply(json: unknown): ProbeReply | null {
  if (!isObject(json) || !Array.isArray(json.choices)) return null;
  const choice: unknown = json.choices[0];
  if (!isObject(choice)) return null;
  const message = isObject(choice.message) ? choice.message.content : choice.text;
  const usage = isObject(json.usage) ? json.usage : {};
  return {
    text: typeof message === "string" ? message : "",
    promptTokens: countOf(usage.prompt_tokens),
    outputTokens: countOf(usage.completion_tokens),
  };
}

/** A completion request with an exact length: greedy, and not ended by an end-of-sequence token. */
export function completionRequest(prompt: string, outputTokens: number, model: string) {
  return {
    path: "/v1/completions",
    body: {
      model,
      prompt,
      max_tokens: outputTokens,
      temperature: 0,
      ignore_eos: true,
      stream: false,
    },
  };
}
