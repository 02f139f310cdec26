import { readSideText } from "../base/files/side-file.ts";
import { UnfitFile } from "../base/regular-file.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import { usage } from "./options.ts";

/** More than any report has, and as much as one text of V8 holds. */
const LARGEST = 500 << 20;

/**
 * The whole text of a file, or of standard input for "-".
 *
 * @throws {TriageError} for what cannot be read (exit 3), and a terminal where a pipe is meant
 */
export async function readInputText(path: string, command: string): Promise<string> {
  if (path === "-") return standardInput(command);
  try {
    return readSideText(path, LARGEST, true);
  } catch (error) {
    throw new TriageError({
      code: "report/unreadable",
      exit: EXIT.unreadable,
      message:
        error instanceof UnfitFile
          ? `${error.message}.`
          : `${path} cannot be read: ${(error as Error).message}.`,
      place: path,
      hint: "Give a file that was written with --format json.",
      cause: error,
    });
  }
}

async function standardInput(command: string): Promise<string> {
  if (process.stdin.isTTY)
    throw usage("stdin-terminal", "- reads a pipe, not a terminal.", command);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > LARGEST)
      throw usage("stdin-large", "Standard input is no report: too large.", command);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
