import { setFlagsFromString } from "node:v8";
import { runProgram } from "../process/run-program.ts";
import { endAtOnce, optimiseLater } from "../process/short-lived.ts";
import { RULES } from "./program.ts";

/** The `rules` program; leaves its exit code in `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  /**
   * Most commands go once over much code and are done before optimised code would pay for itself;
   * compiling it took a third of the time of `lint`. Where V8 cannot be told to wait, only reading
   * traces and trying mutants are worth it.
   */
  const isLong = args[0] === "explain" || args.includes("--mutants");
  if (!optimiseLater() && !isLong) setFlagsFromString("--no-opt");
  endAtOnce();
  await runProgram(RULES, args);
}
