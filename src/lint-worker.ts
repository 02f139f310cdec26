/** Entry of the thread that lint-thread.ts starts. */
import { parentPort } from "node:worker_threads";
import { parseSourceLock } from "./dsl/source-lock.ts";
import type { LintTask } from "./lint-thread.ts";
import { runTestsLeft } from "./run-rule-tests.ts";

const port = parentPort!;

port.on("message", (task: LintTask) => {
  port.postMessage(
    task.kind === "lock"
      ? parseSourceLock(task.lock.text, task.lock.file)
      : runTestsLeft(task.ruleSet, task.next),
  );
});
