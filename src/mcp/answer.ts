import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { TriageError } from "../model/errors.ts";
import { BYTES_PER_TOKEN, LEAST_MAX_BYTES } from "../report/document/brief.ts";
import { inert } from "../report/document/inert.ts";

/** Tokens of an answer when the caller says nothing: six of them make a whole investigation. */
export const DEFAULT_MAX_TOKENS = 650;
export const LEAST_MAX_TOKENS = LEAST_MAX_BYTES / BYTES_PER_TOKEN;

/** Room that is left to a page under a first line. */
export function roomFor(maxTokens: number, head = ""): number {
  return Math.max(LEAST_MAX_BYTES, maxTokens * BYTES_PER_TOKEN - Buffer.byteLength(head) - 1);
}

export const answer = (text: string): CallToolResult => ({ content: [{ type: "text", text }] });

/**
 * What a tool answers instead of failing: the words, the place and the remedy that a command prints.
 * A fault of ours is told as such; its stack is for whoever runs the server.
 */
export function refusal(error: unknown): CallToolResult {
  const text =
    error instanceof TriageError
      ? [
          `error: ${inert(error.message)}`,
          ...(error.place === null ? [] : [`at: ${inert(error.place)}`]),
          `do: ${inert(error.hint)}`,
          `code: ${error.code}`,
        ].join("\n")
      : `error: a fault of the server: ${inert(error instanceof Error ? error.message : String(error))}`;
  return { ...answer(clipped(text)), isError: true };
}

const LONGEST_REFUSAL = 1200;

/** A list of hundreds of names helps nobody. */
const clipped = (text: string): string =>
  text.length <= LONGEST_REFUSAL
    ? text
    : `${text.slice(0, LONGEST_REFUSAL)} … (${text.length - LONGEST_REFUSAL} letters left out)`;
