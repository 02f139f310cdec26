import { runProgram } from "../process/run-program.ts";
import { endAtOnce, optimiseLater } from "../process/short-lived.ts";
import { TRIAGE } from "./program.ts";

/** The `triage` program; leaves its exit code in `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  optimiseLater();
  endAtOnce();
  await runProgram(TRIAGE, args);
}
