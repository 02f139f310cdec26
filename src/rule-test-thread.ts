import { Worker } from "node:worker_threads";
import { IS_BUILT, packageFile } from "./model/package-files.ts";
import type { RuleSet } from "./model/rule.ts";
import type { RuleTestResult } from "./run-rule-tests.ts";

/** Results of each rule's tests, in the order of the rules. */
export type TestResults = readonly (readonly RuleTestResult[])[];

export interface TestThread {
  /** Runs the tests of a rule set, once; the thread ends with it. */
  run(ruleSet: RuleSet): Promise<TestResults>;
  /** Ends a thread that was given nothing to run. */
  dispose(): Promise<void>;
}

/**
 * A thread that loads the matcher now and runs embedded tests when it is given a rule set. Null
 * where the program runs from its TypeScript sources, which a thread cannot load by itself.
 */
export function startTestThread(): TestThread | null {
  if (!IS_BUILT) return null;
  const worker = new Worker(packageFile("dist/rule-test-worker.js"));
  const results = new Promise<TestResults>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  // Who disposes of the thread does not wait for results.
  results.catch(() => {});
  return {
    run(ruleSet) {
      worker.postMessage(ruleSet);
      return results;
    },
    async dispose() {
      await worker.terminate();
    },
  };
}
