import { holdWhileOpen, removeTemporaries } from "../../base/files/temporaries.ts";
import { EXIT } from "../../model/errors.ts";

/** Time a command has to tidy up after Ctrl-C before it is ended anyway. */
const GRACE_MS = 5_000;

/** Ways to be asked to end: Ctrl-C, `kill`, a terminal that closes, Ctrl-\\, Ctrl-Break. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK"] as const;

/** What an interrupted command rejects with. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** The system does not end the first process of a container by a signal that it has not asked for. */
const FIRST_PROCESS = 1;

export interface Interrupt {
  /** Aborted by the first Ctrl-C or its like while something is held. */
  readonly signal: AbortSignal;
  /**
   * Has signals wait for what must be tidied up; call what it returns when nothing is left and
   * {@link signalsHeard} says so. Where a signal came meanwhile, that ends the process.
   */
  hold(): () => void;
  dispose(): void;
}

/**
 * While something must be tidied up (a recording server, half a file) the first Ctrl-C or its like
 * aborts, and the second ends the process, as does tidying up that takes too long. All other time
 * the system ends the process by itself, at once: a listener would wait for the event loop, which
 * stands still while a trace is matched.
 */
export function onInterrupt(pid = process.pid): Interrupt {
  const controller = new AbortController();
  let held = 0;
  const end = (): never => process.exit(EXIT.interrupted);
  const onSignal = (): void => {
    if (controller.signal.aborted) end();
    controller.abort(new Interrupted("interrupted"));
    setTimeout(end, GRACE_MS).unref();
  };
  const hold = (): (() => void) => {
    if (held++ === 0) for (const name of SIGNALS) process.on(name, onSignal);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      if (--held > 0) return;
      // All is tidied up: what would come next was not to be begun.
      if (controller.signal.aborted) end();
      for (const name of SIGNALS) process.off(name, onSignal);
    };
  };
  const release = pid === FIRST_PROCESS ? hold() : () => {};
  holdWhileOpen(hold);
  process.on("exit", removeTemporaries);
  return {
    signal: controller.signal,
    hold,
    dispose() {
      release();
      holdWhileOpen(() => () => {});
      process.off("exit", removeTemporaries);
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
