import type { Diagnostic } from "../../model/diagnostic.ts";
import { type Check, type CheckContext, diagnosticOf } from "./check.ts";
import { formatDrift } from "./format-drift.ts";
import { nearMisses, untestedStates } from "./tests-present.ts";

/** In the order of their codes. A new check is a file and a line here. */
export const CHECKS: readonly Check[] = [formatDrift, untestedStates, nearMisses];

/** What the checks find, besides what parser and compiler said. Nothing is ignored yet. */
export function runChecks(context: CheckContext): Diagnostic[] {
  return CHECKS.flatMap((check) =>
    [...check.run(context)].map((remark) => diagnosticOf(check.code, remark)),
  );
}
