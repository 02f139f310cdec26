import { realpathSync } from "node:fs";

/** Whether two paths lead to the same place; what is not there is the same as nothing. */
export function isSameFolder(a: string, b: string): boolean {
  try {
    return a === b || realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}
