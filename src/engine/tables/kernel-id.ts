import { createHash } from "node:crypto";

/**
 * A short id for a kernel that is the same in every report of every run: the tables, the ledger and
 * the actions point at kernels with it.
 *
 * @param demangled full demangled name, the key of a kernel row
 * @returns eight hexadecimal digits
 */
export function kernelId(demangled: string): string {
  let id = known.get(demangled);
  if (id === undefined) {
    id = createHash("sha256").update(demangled).digest("hex").slice(0, 8);
    known.set(demangled, id);
  }
  return id;
}

/** Names are asked for by every table, and hashing one takes a microsecond. */
const known = new Map<string, string>();
