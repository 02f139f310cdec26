import { vi } from "vitest";
import { runProgram } from "../../src/cli/process/run-program.ts";
import { RULES } from "../../src/cli/rules/program.ts";

export interface Ending {
  readonly code: number | string | null | undefined;
  readonly out: string;
  readonly err: string;
}

/** The `rules` command in this process; starting one for each test would take longer than the test. */
export async function runRulesCommand(...args: string[]): Promise<Ending> {
  const before = process.exitCode;
  const out = captured(process.stdout);
  const err = captured(process.stderr);
  try {
    await runProgram(RULES, args);
    return { code: process.exitCode, out: out.text(), err: err.text() };
  } finally {
    out.release();
    err.release();
    process.exitCode = before;
  }
}

function captured(stream: NodeJS.WriteStream): { text(): string; release(): void } {
  const parts: string[] = [];
  const spy = vi.spyOn(stream, "write").mockImplementation((part, done?: unknown) => {
    parts.push(String(part));
    if (typeof done === "function") done(null);
    return true;
  });
  return { text: () => parts.join(""), release: () => spy.mockRestore() };
}
