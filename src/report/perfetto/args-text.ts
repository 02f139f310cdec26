import { inertJson } from "../document/inert.ts";

/** The JSON text of the arguments that are known. */
export function argsText(args: Readonly<Record<string, string | number | null>>): string {
  return inertJson(
    JSON.stringify(Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))),
  );
}
