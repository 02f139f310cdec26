import { EXIT } from "../model/errors.ts";

/** Time a command has to tidy up after Ctrl-C before it is ended anyway. */
const GRACE_MS = 5_000;

/** Ways to be asked to end: Ctrl-C, `kill`, a terminal that closes, Ctrl-\\, Ctrl-Break. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK"] as const;

/** What an interrupted command rejects with. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * Aborts on the first Ctrl-C (or its like) so that the command can tidy up, and ends the process on
 * the second, or when tidying up takes too long.
 */
export function abortOnInterrupt(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const end = (): never => process.exit(EXIT.interrupted);
  const onSignal = (): void => {
    if (controller.signal.aborted) end();
    controller.abort(new Interrupted("interrupted"));
    setTimeout(end, GRACE_MS).unref();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
