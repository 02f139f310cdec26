import type { Diagnostic } from "../../model/diagnostic.ts";
import { type Check, type CheckContext, diagnosticOf } from "./check.ts";
import { broadClasses, shortGlobs, unknownKernels } from "./classes/broad-classes.ts";
import { emptyClasses } from "./classes/empty-class.ts";
import { sharedWords } from "./classes/shared-words.ts";
import { unusedClasses } from "./classes/unused-class.ts";
import { idleGuards, wrongGuards } from "./fitting-guards.ts";
import { formatDrift } from "./form/format-drift.ts";
import { causality, messageWords } from "./form/messages.ts";
import { missingParts, ownerNames, todosLeft } from "./form/missing-parts.ts";
import { repeatedNames, repeatedTitles } from "./form/repeated-names.ts";
import { unlikelyNumbers } from "./form/unlikely-numbers.ts";
import { unshownMessages } from "./form/unshown-messages.ts";
import { contradictoryGuards, parallelGuards, quantGuards, vendorGuards } from "./guards.ts";
import { shadowedRules, subsumesSpan } from "./rules/subsumption.ts";
import { twinRules } from "./rules/twin-rules.ts";
import { undeclaredOverlaps } from "./rules/undeclared-overlaps.ts";
import {
  checkDates,
  deprecatedUse,
  futureRules,
  lockAge,
  oldExperiments,
  staleChecks,
} from "./sources/dates.ts";
import { releaseSpans } from "./sources/releases.ts";
import { pullSources } from "./sources/source-pr.ts";
import {
  commitOverrides,
  referenceAddresses,
  sourcePaths,
  sourceSymbols,
  unprovenSources,
} from "./sources/sources.ts";
import { emptyClauses } from "./states/empty-clauses.ts";
import { exchangedStates } from "./states/exchanged-states.ts";
import { looseLinks, splitOfOne, unboundedGaps } from "./states/split-shape.ts";
import { activeInSplit, unreachable } from "./states/states.ts";
import { unsaidSavings } from "./states/unsaid-saving.ts";
import { possibleTests } from "./tests/possible-tests.ts";
import { sameTests } from "./tests/same-test.ts";
import { inventedKernels } from "./tests/test-kernels.ts";
import { nearMisses, untestedStates } from "./tests/tests-present.ts";
import { vacuousNearMisses } from "./tests/vacuous-near-miss.ts";

/** In the order of their codes. A new check is a file and a line here. */
export const CHECKS: readonly Check[] = [
  formatDrift,
  repeatedNames,
  repeatedTitles,
  ownerNames,
  possibleTests,
  missingParts,
  sourceSymbols,
  sourcePaths,
  unprovenSources,
  lockAge,
  commitOverrides,
  releaseSpans,
  checkDates,
  futureRules,
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
  unsaidSavings,
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
  wrongGuards,
  idleGuards,
  pullSources,
  sameTests,
  unshownMessages,
  unlikelyNumbers,
];

/** What the checks find, besides what parser and compiler said. Nothing is ignored yet. */
export function runChecks(context: CheckContext): Diagnostic[] {
  return CHECKS.flatMap((check) =>
    [...check.run(context)].map((remark) => diagnosticOf(check.code, remark)),
  );
}
