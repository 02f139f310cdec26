import { EXIT, TriageError } from "../model/errors.ts";

/** Why a live capture gave no usable traces; the code of the error is `capture/<reason>`. */
export type CaptureFailure =
  /** No answer from the address at all. */
  | "unreachable"
  | "unauthorised"
  | "unknown-server"
  /** The server cannot profile as it was started; the hint says what to set. */
  | "not-supported"
  | "disaggregated"
  /** Somebody else's profile is running: nothing of it is touched. */
  | "busy"
  /** The server said no for another reason. */
  | "rejected"
  | "no-answer"
  | "died"
  | "request-failed"
  /** The server says that a request is too long for the model. */
  | "context-limit"
  | "not-writable"
  | "nothing-written"
  | "missing-ranks"
  | "truncated"
  | "corrupt"
  | "fewer-steps"
  | "interrupted";

/**
 * The error every failed capture ends with: a stable code, what happened and what to do. Exit 5, or
 * the shell's code for an interruption.
 */
export function captureError(
  reason: CaptureFailure,
  message: string,
  hint: string,
  options: { readonly place?: string | null; readonly cause?: unknown } = {},
): TriageError {
  return new TriageError({
    code: `capture/${reason}`,
    exit: reason === "interrupted" ? EXIT.interrupted : EXIT.captureFailed,
    message,
    place: options.place ?? null,
    hint,
    cause: options.cause,
  });
}
