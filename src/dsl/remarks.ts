import type { Diagnostic, SourceRange } from "../model/diagnostic.ts";

/** What a remark may carry besides its message. */
type More = Partial<Pick<Diagnostic, "help" | "related" | "fix">>;

/** Collects what is wrong with one file, or with one rule of it. */
export class Remarks {
  readonly file: string;
  readonly list: Diagnostic[];
  readonly #rule: string | null;
  /** Errors that make the file or rule unusable. */
  fatal = 0;

  constructor(file: string, list: Diagnostic[], rule: string | null = null) {
    this.file = file;
    this.list = list;
    this.#rule = rule;
  }

  /** An error that leaves nothing to run. */
  error(code: string, range: SourceRange, message: string, more: More = {}): void {
    this.fatal++;
    this.blemish(code, range, message, more);
  }

  /** An error that must be repaired but does not keep the rule from running. */
  blemish(code: string, range: SourceRange, message: string, more: More = {}): void {
    this.list.push({
      code,
      severity: "error",
      message,
      file: this.file,
      range,
      ...(this.#rule === null ? {} : { rule: this.#rule }),
      ...more,
    });
  }
}
