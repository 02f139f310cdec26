import type { Diagnostic } from "../../model/diagnostic.ts";
import { broadClasses, shortGlobs, unknownKernels } from "./broad-classes.ts";
import { type Check, type CheckContext, diagnosticOf } from "./check.ts";
import { checkDates, lockAge, oldExperiments, staleChecks } from "./dates.ts";
import { deprecatedUse } from "./deprecated.ts";
import { emptyClasses } from "./empty-class.ts";
import { emptyClauses } from "./empty-clauses.ts";
import { exchangedStates } from "./exchanged-states.ts";
import { formatDrift } from "./format-drift.ts";
import { contradictoryGuards } from "./guards.ts";
import { causality, messageWords } from "./messages.ts";
import { parallelGuards, quantGuards, vendorGuards } from "./missing-guards.ts";
import { missingParts } from "./missing-parts.ts";
import { referenceAddresses } from "./references.ts";
import { sharedWords } from "./shared-words.ts";
import { commitOverrides, sourcePaths, sourceSymbols, unprovenSources } from "./sources.ts";
import { looseLinks, splitOfOne, unboundedGaps } from "./split-shape.ts";
import { activeInSplit, unreachable } from "./states.ts";
import { shadowedRules, subsumesSpan } from "./subsumption.ts";
import { inventedKernels } from "./test-kernels.ts";
import { nearMisses, untestedStates } from "./tests-present.ts";
import { todosLeft } from "./todo-left.ts";
import { twinRules } from "./twin-rules.ts";
import { undeclaredOverlaps } from "./undeclared-overlaps.ts";
import { unusedClasses } from "./unused-class.ts";
import { vacuousNearMisses } from "./vacuous-near-miss.ts";

/** In the order of their codes. A new check is a file and a line here. */
export const CHECKS: readonly Check[] = [
  formatDrift,
  missingParts,
  sourceSymbols,
  sourcePaths,
  unprovenSources,
  lockAge,
  commitOverrides,
  checkDates,
  staleChecks,
  referenceAddresses,
  unusedClasses,
  broadClasses,
  shortGlobs,
  unknownKernels,
  emptyClasses,
  unreachable,
  contradictoryGuards,
  twinRules,
  shadowedRules,
  undeclaredOverlaps,
  subsumesSpan,
  activeInSplit,
  splitOfOne,
  vendorGuards,
  quantGuards,
  parallelGuards,
  looseLinks,
  unboundedGaps,
  untestedStates,
  nearMisses,
  inventedKernels,
  messageWords,
  causality,
  deprecatedUse,
  oldExperiments,
  sharedWords,
  vacuousNearMisses,
  todosLeft,
  emptyClauses,
  exchangedStates,
];

/** What the checks find, besides what parser and compiler said. Nothing is ignored yet. */
export function runChecks(context: CheckContext): Diagnostic[] {
  return CHECKS.flatMap((check) =>
    [...check.run(context)].map((remark) => diagnosticOf(check.code, remark)),
  );
}
