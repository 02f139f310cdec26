import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { isSea } from "node:sea";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * The first process of a container gets no signal that it does not listen for, and listening waits
 * until work pauses (docs/decisions/0025-signals-and-blocking-work.md). So there the program runs as
 * a child, which signals end as anywhere else, and the first process hands them on.
 *
 * @returns whether it did: false where no child can be started
 */
export async function ranBelowMe(): Promise<boolean> {
  const own = isSea() ? process.argv.slice(2) : [...process.execArgv, ...process.argv.slice(1)];
  // A session of its own: a terminal's Ctrl-C would reach it twice, and twice means "at once".
  const child = spawn(process.execPath, own, { stdio: "inherit", detached: true });
  for (const name of SIGNALS) process.on(name, () => child.kill(name));
  const code = await ending(child);
  if (code === null) for (const name of SIGNALS) process.removeAllListeners(name);
  else process.exitCode = code;
  return code !== null;
}

/** The exit code as a shell tells it, null where the child could not be started. */
function ending(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
  });
}
