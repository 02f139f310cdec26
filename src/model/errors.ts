/** Exit codes of both commands; documented in README. */
export const EXIT = {
  ok: 0,
  gateFailed: 1,
  usage: 2,
  unreadable: 3,
  rulesInvalid: 4,
  captureFailed: 5,
  refused: 6,
  /** Our own fault. */
  internal: 70,
  /** Node is too old, or there is none that runs here. */
  noNode: 127,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * A problem of the user's input: says what, where, and what to do, ends the command with `exit`.
 * Anything else that is thrown is our own fault and prints a stack.
 */
export class TriageError extends Error {
  override readonly name = "TriageError";
  /** Stable kebab-case code such as "trace/no-gpu-events". */
  readonly code: string;
  readonly exit: ExitCode;
  /** File, byte offset or line:column the problem sits at; null when it has no place. */
  readonly place: string | null;
  /** The next thing to do. */
  readonly hint: string;

  constructor(options: {
    code: string;
    exit: ExitCode;
    message: string;
    place?: string | null;
    hint: string;
    cause?: unknown;
  }) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.exit = options.exit;
    this.place = options.place ?? null;
    this.hint = options.hint;
  }
}
