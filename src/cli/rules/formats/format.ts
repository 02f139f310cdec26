import type { Diagnostic, Severity } from "../../../model/diagnostic.ts";

export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** Text of the files they speak of, by name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Diagnostics → text that ends with a line break. */
export type DiagnosticFormat = (findings: Findings, color: boolean) => string;

export function countsOf(diagnostics: readonly Diagnostic[]) {
  const count = (severity: Severity) =>
    diagnostics.filter((one) => one.severity === severity).length;
  return { errors: count("error"), warnings: count("warning") };
}

/** "2 errors, 1 warning". */
export function countedText(diagnostics: readonly Diagnostic[]): string {
  const { errors, warnings } = countsOf(diagnostics);
  const parts = [plural(errors, "error"), plural(warnings, "warning")].filter((it) => it !== "");
  return parts.length === 0 ? "no findings" : parts.join(", ");
}

const plural = (count: number, what: string): string =>
  count === 0 ? "" : `${count} ${what}${count === 1 ? "" : "s"}`;
