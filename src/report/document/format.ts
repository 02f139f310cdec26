/** What a format may depend on besides what it shows. Formats ignore what means nothing to them. */
export interface PageOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
  /** Of `brief`: bytes that the text may take; left out, enough for the usual questions. */
  readonly maxBytes?: number | undefined;
}

/** Pure: equal arguments give equal bytes; the text ends with one newline. */
export type Format<Subject, Options extends PageOptions = PageOptions> = (
  subject: Subject,
  options: Options,
) => string;
