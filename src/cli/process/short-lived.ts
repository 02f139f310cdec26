import { setFlagsFromString } from "node:v8";

/** In bytes of bytecode a function runs through; V8's own is 67,584. More than this saves little. */
const INTERRUPT_BUDGET = 300_000;

/**
 * Has V8 wait before it compiles a function with its optimising compiler. An analysis is over in
 * half a second, and on Node 20, which has no compiler of medium effort, a third of its processor
 * time went into optimising what then hardly ran again. Hot loops get there all the same.
 *
 * Later versions of V8 count differently, do well by themselves, and have no such flag: false.
 */
export function optimiseLater(): boolean {
  const can = process.versions.v8.startsWith("11.");
  if (can) setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
  return can;
}

/**
 * Lets the process end as soon as nothing is left to do or to write. Left alone, Node first takes
 * its heap apart, piece by piece: 10 ms after a small report, and more after a large one.
 */
export function endAtOnce(): void {
  process.once("beforeExit", () => process.exit());
}
