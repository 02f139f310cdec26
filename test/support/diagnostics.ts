import type { Diagnostic } from "../../src/model/diagnostic.ts";

/** Diagnostics as a reader sees them: what they point at, what they say, what they offer. */
export const shown = (text: string, diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics.map(({ code, range, message, help }) => {
    const at = text.slice(range.start, range.end) || `${range.line}:${range.column}`;
    return `${code} [${at}] ${message}${help === undefined ? "" : `; ${help}`}`;
  });
