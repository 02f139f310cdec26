import { writeFileSync } from "node:fs";
import { writeWhole } from "../../src/base/files/write-whole.ts";
import type { Command, Program } from "../../src/cli/command.ts";
import { runProgram } from "../../src/cli/process/run-program.ts";
import { writeOutput } from "../../src/cli/terminal/output.ts";
import { EXIT, TriageError } from "../../src/model/errors.ts";

const PAGE = { usage: ["sample"], summary: "help of it", options: {}, sections: [] };

/** A program with one command per way to end, run as a process of its own by the tests. */
function command(run: Command["run"]): { summary: string; load(): Promise<Command> } {
  return { summary: "for tests", load: async () => ({ help: () => PAGE, run }) };
}

const PROGRAM: Program = {
  name: "sample",
  default: null,
  commands: {
    write: command(async ([size = "1", path = null]) => {
      await writeOutput(`${"x".repeat(79)}\n`.repeat(Number(size)), path);
      return EXIT.ok;
    }),
    refuse: command(async () => {
      throw new TriageError({ code: "a/b", exit: EXIT.refused, message: "No.", hint: "stop" });
    }),
    break: command(async () => {
      throw new TypeError("row is undefined");
    }),
    fail: command(async () => EXIT.gateFailed),
    /** Waits for Ctrl-C, tidies up, and only then rejects. */
    wait: command(([file = ""], { signal, tidying }) =>
      tidying(async () => {
        const keepAlive = setInterval(() => {}, 1_000);
        process.stdout.write("ready\n");
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        clearInterval(keepAlive);
        writeFileSync(file, "tidied up");
        throw signal.reason;
      }),
    ),
    /** Works without a pause, as matching does. */
    work: command(async () => {
      process.stdout.write("ready\n");
      for (const end = Date.now() + 20_000; Date.now() < end; );
      return EXIT.ok;
    }),
    /** Half a file, and nothing else for a while. */
    half: command(async ([path = ""]) => {
      await writeWhole(path, async (place, flags) => {
        writeFileSync(place, "half", { flag: flags });
        process.stdout.write("ready\n");
        await new Promise((resolve) => setTimeout(resolve, 20_000));
      });
      return EXIT.ok;
    }),
  },
};

await runProgram(PROGRAM, process.argv.slice(2));
