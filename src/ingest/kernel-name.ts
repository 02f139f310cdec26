import type { KernelName } from "../model/trace.ts";

/** The three spellings of a GPU event's name. */
export function kernelName(raw: string): KernelName {
  const demangled = raw.replace(/^void /, "");
  return {
    raw,
    demangled,
    short: demangled.length <= 80 ? demangled : `${demangled.slice(0, 77)}...`,
  };
}
