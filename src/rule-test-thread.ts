import { parentPort, Worker, workerData } from "node:worker_threads";
import type { RuleSet } from "./model/rule.ts";
import { type RuleTestResult, runTestsOf } from "./run-rule-tests.ts";

const ROLE = "rule tests";

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
  if (!import.meta.url.endsWith(".js")) return null;
  const worker = new Worker(new URL(import.meta.url), { workerData: ROLE });
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

// This module in the thread it started; other threads may load it, too.
if (workerData === ROLE && parentPort !== null) {
  const port = parentPort;
  port.once("message", (ruleSet: RuleSet) => {
    port.postMessage(ruleSet.rules.map((rule) => runTestsOf(ruleSet, rule)));
  });
}
