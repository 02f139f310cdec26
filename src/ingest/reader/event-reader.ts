/** Turns the decoded bytes of a trace into rows of a builder, piece by piece. */
export interface EventReader {
  push(chunk: Uint8Array): void;
  /** No more bytes will come: judges what was left open. */
  end(): void;
  /** Top-level keys of the document besides `traceEvents`. */
  readonly head: Readonly<Record<string, unknown>>;
  /** A list of events was found, empty or not. */
  readonly sawEvents: boolean;
  /** First thing that was wrong with the document, with its place; null when nothing was. */
  readonly damage: string | null;
  /** The document ended, or could not be read any further, before its list of events did. */
  readonly isCut: boolean;
  /** The document's own end was reached, whatever stands behind it. */
  readonly isWhole: boolean;
  /** Where the text proved to be no JSON at all; null when it did not. */
  readonly notJsonAt: number | null;
  /** Nothing after this point can be read: further bytes need not be pushed. */
  readonly stopped: boolean;
}
