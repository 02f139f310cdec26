import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtCommand } from "../support/built-cli.ts";
import type { Shape } from "./shapes.ts";

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

/** What a command did, by how often each block of the program's own code was entered. */
interface Counted {
  readonly steps: number;
  readonly exit: number | null;
}

/**
 * Runs a program and counts its steps: V8 counts how often every block is entered, in every thread,
 * which unlike time is the same on a busy machine. What V8's own functions do inside (sorting but
 * for the comparing, copying) is not seen.
 */
function countSteps(program: string, args: readonly string[]): Counted {
  const folder = mkdtempSync(join(tmpdir(), "fuse-triage-steps-"));
  try {
    const { status } = spawnSync(process.execPath, [program, ...args], {
      stdio: "ignore",
      env: { ...process.env, NODE_V8_COVERAGE: folder },
    });
    let steps = 0;
    for (const file of readdirSync(folder)) {
      const { result } = JSON.parse(readFileSync(join(folder, file), "utf8")) as Coverage;
      for (const { url, functions } of result)
        if (url.startsWith("file:"))
          for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    }
    return { steps, exit: status };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Steps of the command that reads an input of this shape and size, written into an empty folder. */
export function stepsOf(shape: Shape, n: number, folder: string): Counted {
  const args = shape.write(n, folder);
  return countSteps(builtCommand(shape.program), [...shape.options, ...args]);
}
