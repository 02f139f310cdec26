/** Half-open range of offsets in a text, with the 1-based place people see. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

export type Severity = "error" | "warning" | "info";

/** One remark about a text we were given: rules, policy, config, source lock. Data, never thrown. */
export interface Diagnostic {
  /** Stable id: "unreachable-state" for lint checks, "yaml/…" for other files. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  readonly range: SourceRange;
  /** What to do about it. */
  readonly help?: string;
  /** Rule the remark is about, when there is one. */
  readonly rule?: string;
  readonly related?: readonly {
    readonly file: string;
    readonly range: SourceRange;
    readonly message: string;
  }[];
  /** Replacement that repairs it, when it is certain. */
  readonly fix?: { readonly range: SourceRange; readonly text: string };
}
