import { DanglingLink, writeFileWhole } from "../../base/files/write-whole.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import { machineLimit } from "../process/machine-limits.ts";
import { forRunner } from "./runner-text.ts";

/** Whether an --output means standard output: none given, or "-". */
export function isStdout(path: string | null): path is null | "-" {
  return path === null || path === "-";
}

/** Writes to a file as a whole or not at all; "-" and null mean stdout. */
export async function writeOutput(text: string, path: string | null): Promise<void> {
  if (isStdout(path)) await writeStdout(text);
  else await writeToFile(text, path);
}

/**
 * Writes text to stdout, dead to the runner of a workflow. A reader that closed the pipe (`| head -1`) has what it wanted: that ends quietly. Any other
 * failure is told.
 */
export function writeStdout(text: string): Promise<void> {
  return writeToRunner(forRunner(text, process.env));
}

/** The same for text that is meant to be obeyed: annotations of `--format github`. */
export function writeToRunner(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined || isCode(error, "EPIPE")) resolve();
      else reject(cannotWrite(error, "standard output"));
    });
  });
}

async function writeToFile(text: string, path: string): Promise<void> {
  try {
    await writeFileWhole(path, text);
  } catch (error) {
    if (!isCode(error, "EPIPE")) throw cannotWrite(error, path);
  }
}

const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ["no space left on the device", "free some space or write elsewhere with --output"],
  EFBIG: ["the file grows beyond the limit set for this shell", "see ulimit -f"],
  EDQUOT: ["the disk quota is used up", "free some space or write elsewhere with --output"],
  EACCES: ["permission denied", "write where you may, with --output"],
  EPERM: ["permission denied", "write where you may, with --output"],
  EROFS: ["the file system is read-only", "write elsewhere with --output"],
  ENOENT: ["its folder does not exist", "make the folder first"],
  ENOTDIR: ["its folder is a file", "choose another path"],
  EISDIR: ["it is a folder", "name a file in it"],
};

export function cannotWrite(error: unknown, place: string): unknown {
  if (error instanceof TriageError) return error;
  if (error instanceof DanglingLink) return machineLimit(error);
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const [reason, hint] = REASONS[code] ?? [
    code === "" ? String(error) : code,
    "write elsewhere with --output",
  ];
  return new TriageError({
    code: "output/not-written",
    exit: EXIT.usage,
    message: `The report could not be written: ${reason}.`,
    place,
    hint,
    cause: error,
  });
}

export function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === code;
}
