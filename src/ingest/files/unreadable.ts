import { UnfitFile } from "../../base/regular-file.ts";
import { EXIT, TriageError } from "../../model/errors.ts";

/** The operating system's refusals in words. */
export function unreadable(path: string, error: NodeJS.ErrnoException | UnfitFile): TriageError {
  const missing = error.code === "ENOENT" || error.code === "ENOTDIR";
  const forbidden = error.code === "EACCES" || error.code === "EPERM";
  return new TriageError({
    code: missing ? "trace/no-such-path" : forbidden ? "trace/no-permission" : "trace/unreadable",
    exit: EXIT.unreadable,
    message: missing
      ? `${path} does not exist.`
      : forbidden
        ? `${path} may not be read by this user.`
        : error instanceof UnfitFile
          ? `${error.message}.`
          : `${path} could not be read: ${error.message}.`,
    place: path,
    hint: isAddress(path)
      ? `Only local paths are opened here. Pipe it (for s3: aws s3 cp ${path} - | triage -), or use the Python package, which opens addresses with fsspec.`
      : missing
        ? "Check the spelling; give a trace file or the directory the profiler wrote to."
        : "Check the owner and mode of the file and of the directories above it.",
    cause: error,
  });
}

function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}
