/** What package.json asks for; known only to what is built. */
declare const OLDEST_NODE: string | undefined;

/** As in `EXIT`, which this module may not import: what it loads, an old Node may not even parse. */
const NO_NODE = 127;
const NO_FILES = 3;
const BROKEN = 70;
/** Of a container. */
const FIRST_PROCESS = 1;

interface Main {
  main(args: readonly string[]): Promise<void>;
}

/**
 * Starts a program once this Node is known to be new enough: everything else is loaded only then,
 * so that an old one meets a sentence and not a syntax error. What cannot be loaded at all ends
 * with the code of our own faults.
 *
 * @param load imports the program
 */
export async function start(load: () => Promise<Main>): Promise<void> {
  const oldest = typeof OLDEST_NODE === "string" ? OLDEST_NODE : null;
  if (oldest !== null && isOlder(process.versions.node, oldest))
    return end(NO_NODE, {
      code: "node/too-old",
      message: `This is Node ${process.versions.node}; fuse-triage needs ${oldest} or later.`,
      place: process.execPath,
      hint: `Install Node ${oldest} or later and call it first in PATH, or take one from PyPI: pip install fuse-triage.`,
    });
  if (process.pid === FIRST_PROCESS) {
    // Without it the program still works, only signals wait.
    const first = await import("../first-process.ts").catch(() => null);
    if (await first?.ranBelowMe()) return;
  }
  const program = await load().catch((error: Error & { code?: string }) => {
    if (error.code === "EMFILE")
      end(NO_FILES, {
        code: "machine/emfile",
        message: "Too few files may be open at once to load the program.",
        place: null,
        hint: "Raise the limit of open files: ulimit -n 1024.",
      });
    else
      end(BROKEN, {
        code: "package/broken",
        message: `The program could not be loaded: ${error.message}`,
        place: null,
        hint: "Install fuse-triage again; if that does not help, report it with the line above.",
      });
    return null;
  });
  if (program !== null) await program.main(process.argv.slice(2));
}

/** Compares "22.1.0" with "20.19" number by number; what `oldest` leaves out counts as zero. */
export function isOlder(version: string, oldest: string): boolean {
  const have = version.split(".").map(Number);
  const parts = oldest.split(".").map(Number);
  for (let at = 0; at < parts.length; at++) {
    if (have[at] !== parts[at]) return !((have[at] || 0) > (parts[at] || 0));
  }
  return false;
}

interface StartError {
  readonly code: string;
  readonly message: string;
  readonly place: string | null;
  readonly hint: string;
}

function end(exit: number, error: StartError): void {
  const { code, message, place, hint } = error;
  const at = place === null ? "" : `\n  at ${place}`;
  const text =
    process.env.FUSE_TRIAGE_ERRORS === "json"
      ? JSON.stringify({ error: { ...error, exit } })
      : `error: ${message}${at}\n  do: ${hint}\n  (${code})`;
  process.stderr.write(`${text}\n`);
  process.exitCode = exit;
}
