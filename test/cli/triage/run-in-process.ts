import { vi } from "vitest";
import { describeError } from "../../../src/cli/terminal/terminal.ts";
import { TRIAGE } from "../../../src/cli/triage/program.ts";

/**
 * A triage command in this process: what it printed and its exit code. Not for concurrent tests,
 * because it listens at the process's own streams.
 */
export async function triageHere(name: string, ...args: string[]) {
  const printed = { out: "", err: "" };
  const listen = (stream: "stdout" | "stderr", key: "out" | "err") =>
    vi.spyOn(process[stream], "write").mockImplementation(((text: string, done?: () => void) => {
      printed[key] += text;
      if (typeof done === "function") done();
      return true;
    }) as typeof process.stdout.write);
  const spies = [listen("stdout", "out"), listen("stderr", "err")];
  const terminal = {
    width: 100,
    colorOut: false,
    colorErr: false,
    isWatched: false,
    errorsAsJson: false,
  };
  try {
    const command = await TRIAGE.commands[name]!.load();
    const code = await command.run(args, {
      terminal,
      signal: new AbortController().signal,
      tidying: (work) => work(),
    });
    return { code, ...printed };
  } catch (error) {
    const { text, exit } = describeError(error, false);
    return { code: exit, out: printed.out, err: `${printed.err}${text}` };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
