import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Files that are ours until they are whole; what ends the process removes them. */
const open = new Set<string>();
let onOpen: () => () => void = () => () => {};

/**
 * Says how to be told of being ended while temporaries are open: without it a signal ends the
 * process where it stands.
 *
 * @param hold called with the first one, and what it returns with the last one gone
 */
export function holdWhileOpen(hold: () => () => void): void {
  onOpen = hold;
}

let release: (() => void) | null = null;

/** Lets `work` fill a file that becomes its own or is gone when `work` ends, however it ends. */
export async function withTemporary<T>(
  target: string,
  work: (temporary: string) => T | Promise<T>,
): Promise<T> {
  const temporary = temporaryBeside(target);
  release ??= onOpen();
  open.add(temporary);
  try {
    return await work(temporary);
  } finally {
    rmSync(temporary, { force: true });
    open.delete(temporary);
    if (open.size === 0) await signalsHeard();
    // Another may have been opened meanwhile.
    if (open.size === 0) {
      release?.();
      release = null;
    }
  }
}

/**
 * Lets signals that have come reach their listeners: who stops listening in the same turn of the
 * event loop loses them, for the system has delivered them already. One turn may be half over.
 */
export async function signalsHeard(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

/** For whoever ends the process at once. */
export function removeTemporaries(): void {
  for (const temporary of open) rmSync(temporary, { force: true });
  open.clear();
}

/** Bytes of a name that every file system takes. */
const LONGEST_NAME = 255;

/**
 * A name that nobody else has: two containers that share a folder have the same process ids. Cut
 * where the target's own name is as long as names may be.
 */
function temporaryBeside(target: string): string {
  const end = `.${randomBytes(8).toString("hex")}.tmp`;
  let name = basename(target);
  while (Buffer.byteLength(name) > LONGEST_NAME - end.length - 1) name = name.slice(0, -1);
  return join(dirname(target), `.${name}${end}`);
}
