import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { hasSharedTraces, sharedTraces } from "../support/shared-traces.ts";
import { traceText } from "../support/synth/serialise.ts";
import { traceSpec } from "../support/synth/spec.ts";
import { synthesise } from "../support/synth/synthesise.ts";

const EVENTS = 14;

/**
 * Small whole trace documents to start from: beginnings of synthesised traces of every engine,
 * and of the real traces where they are present.
 */
export function startDocuments(): string[] {
  const step = { stage: "decode", batchSize: 4, tokens: 4, mode: "eager" } as const;
  const engines = ["sglang", "vllm", "trtllm", "tokenspeed", "hf"] as const;
  const made = engines.flatMap((engine) =>
    (["eager", "graph"] as const).map((mode) =>
      traceText(synthesise(traceSpec({ engine, layers: 2, steps: [{ ...step, mode }] }))),
    ),
  );
  const real = hasSharedTraces
    ? sharedTraces().map((path) => gunzipSync(readFileSync(path)).toString())
    : [];
  return [...made, ...real].flatMap((text) => excerpts(text));
}

/** The head, with some of the events from two places. */
function excerpts(text: string): string[] {
  const open = text.indexOf("[", text.indexOf('"traceEvents"')) + 1;
  const head = open <= 20_000 ? text.slice(0, open) : '{"schemaVersion": 1, "traceEvents": [';
  const ends = eventEnds(text, open);
  const count = Math.min(EVENTS, ends.length - 1);
  const later = Math.floor((ends.length - 1 - count) / 2);
  return [0, later].map((from) => {
    const start = from === 0 ? open : text.indexOf("{", ends[from - 1]!);
    return `${head}${text.slice(start, ends[from + count - 1])}\n]}`;
  });
}

/** Where top-level events end in pretty-printed or compact text; every event starts with `{"ph"` or alike. */
function eventEnds(text: string, open: number): number[] {
  const ends: number[] = [];
  let depth = 0;
  let inString = false;
  for (let at = open; at < text.length && ends.length < 4000; at++) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") {
      depth--;
      if (depth === 0) ends.push(at + 1);
      if (depth < 0) break;
    }
  }
  return ends;
}
