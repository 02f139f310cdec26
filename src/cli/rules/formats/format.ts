import type { Diagnostic } from "../../../model/diagnostic.ts";

export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** Text of the files they speak of, by name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Diagnostics → text that ends with a line break. */
export type DiagnosticFormat = (findings: Findings, color: boolean) => string;
