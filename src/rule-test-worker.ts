/** Entry of the thread that rule-test-thread.ts starts. */
import { parentPort } from "node:worker_threads";
import type { RuleSet } from "./model/rule.ts";
import { runTestsOf } from "./run-rule-tests.ts";

const port = parentPort!;

port.once("message", (ruleSet: RuleSet) => {
  port.postMessage(ruleSet.rules.map((rule) => runTestsOf(ruleSet, rule)));
});
