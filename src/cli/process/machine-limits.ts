import { DanglingLink } from "../../base/files/write-whole.ts";
import { UnfitFile } from "../../base/regular-file.ts";
import { EXIT, type ExitCode, TriageError } from "../../model/errors.ts";

/** What the system says when it refuses, and what helps. */
const REFUSALS: Readonly<Record<string, readonly [string, string]>> = {
  EMFILE: ["too many files are open", "raise the limit of open files: ulimit -n 1024"],
  ENFILE: ["too many files are open on this machine", "close other programs"],
  ENAMETOOLONG: ["a name is longer than the file system allows", "give a shorter path"],
  ELOOP: ["a link leads to itself", "give the file itself"],
  ENOSPC: ["no space is left on the device", "free some space, or write elsewhere"],
  EDQUOT: ["the disk quota is used up", "free some space, or write elsewhere"],
  EFBIG: ["a file grows beyond the limit set for this shell", "see ulimit -f"],
  EROFS: ["the file system is read-only", "write elsewhere"],
  EACCES: ["permission denied", "use a file or folder that you may use"],
  EPERM: ["permission denied", "use a file or folder that you may use"],
  ENOENT: ["it does not exist", "check the path"],
  ENOTDIR: ["a part of its path is no folder", "check the path"],
  EISDIR: ["it is a folder", "name a file in it"],
  EIO: ["the device fails", "copy the file elsewhere first"],
  ENOMEM: ["the system has no memory left", "free memory, or raise the limit set for this shell"],
  EAGAIN: ["the system is out of processes or threads", "see ulimit -u, or give --jobs 1"],
  ERR_WORKER_INIT_FAILED: ["a thread could not be started", "see ulimit -u, or give --jobs 1"],
  ERR_WORKER_OUT_OF_MEMORY: ["a thread ran out of memory", "give --jobs 1"],
  ERR_STRING_TOO_LONG: ["a text is longer than the program can hold", "give less at a time"],
};

const MEMORY =
  /out of memory|allocation failed|could not allocate|Invalid (?:typed )?array (?:buffer )?length|Invalid string length/i;

/**
 * What went wrong by the machine's limits or by a file, as an error of the input: what, where, what
 * to do. Null for what is a fault of the program.
 */
export function machineLimit(error: unknown): TriageError | null {
  if (error instanceof UnfitFile)
    return told(
      "file/unfit",
      `${error.path} ${error.what}.`,
      error.path,
      "Give a regular file of its kind.",
      error,
    );
  if (error instanceof DanglingLink)
    return told(
      "output/dangling-link",
      `${error.message}.`,
      null,
      "Remove the link, or make what it stands for.",
      error,
      EXIT.usage,
    );
  if (!(error instanceof Error)) return null;
  const { code = "", syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === "uv_cwd")
    return told(
      "machine/no-folder",
      "The working folder no longer exists.",
      null,
      "Go to a folder that exists: cd ~",
      error,
    );
  const refusal = REFUSALS[code];
  if (refusal !== undefined && (syscall !== undefined || code.startsWith("ERR_")))
    return told(
      `machine/${code.toLowerCase()}`,
      `The system refused (${syscall ?? code}): ${refusal[0]}.`,
      path ?? null,
      refusal[1],
      error,
    );
  if (error instanceof RangeError && MEMORY.test(error.message))
    return told(
      "machine/memory",
      `The memory that this process may use is too small: ${error.message}.`,
      null,
      "Raise the limit (ulimit -v, the container's), or give a smaller trace.",
      error,
    );
  if (error instanceof RangeError && error.message.includes("call stack"))
    return told(
      "input/too-deep",
      "The input nests deeper than the program can follow.",
      null,
      "Give input that nests less; if yours does not nest, please report it with the command.",
      error,
    );
  return null;
}

function told(
  code: string,
  message: string,
  place: string | null,
  hint: string,
  cause: unknown,
  exit: ExitCode = EXIT.unreadable,
): TriageError {
  return new TriageError({ code, exit, message, place, hint, cause });
}
