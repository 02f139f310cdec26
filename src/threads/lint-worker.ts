/** Entry of the thread that lint-thread.ts starts. */
import { parentPort } from "node:worker_threads";
import { parseSourceLock } from "../dsl/source-lock.ts";
import type { LintTask } from "./lint-thread.ts";

const port = parentPort!;
const loadMatcher = () => import("../pipeline/rule-tests.ts");

port.on("message", async (task: LintTask) => {
  if (task.kind === "lock") {
    port.postMessage(parseSourceLock(task.lock.text, task.lock.file));
    // The lock is waited for; the tests come when the other thread has compiled the rules.
    await loadMatcher();
  } else {
    const { runTestsLeft } = await loadMatcher();
    port.postMessage(runTestsLeft(task.ruleSet, task.next));
  }
});
