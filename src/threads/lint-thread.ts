import { Worker } from "node:worker_threads";
import { IS_BUILT, packageFile } from "../base/files/package-files.ts";
import type { RuleText } from "../dsl/read-rule-texts.ts";
import type { ReadLock } from "../dsl/source-lock.ts";
import type { RuleSet } from "../model/rule.ts";
import type { NextRule, TestResults } from "../pipeline/rule-tests.ts";

/** What the thread is asked, one after the other. */
export type LintTask =
  | { readonly kind: "lock"; readonly lock: RuleText }
  | { readonly kind: "tests"; readonly ruleSet: RuleSet; readonly next: NextRule };

/** A second thread for what `rules lint` can do beside reading and checking rules. */
export interface LintThread {
  readLock(lock: RuleText): Promise<ReadLock>;
  /** Runs embedded tests until no rule is left; whoever shares `next` takes the others. */
  runTestsLeft(ruleSet: RuleSet, next: NextRule): Promise<TestResults>;
  dispose(): Promise<void>;
}

/**
 * A thread that loads at once what it will need. Null where the program runs from its TypeScript
 * sources, which a thread cannot load by itself.
 */
export function startLintThread(): LintThread | null {
  if (!IS_BUILT) return null;
  const worker = new Worker(packageFile("dist/threads/lint-worker.js"));
  const ask = <Reply>(task: LintTask): Promise<Reply> => {
    const reply = new Promise<Reply>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    // Who disposes of the thread does not wait for a reply.
    reply.catch(() => {});
    worker.postMessage(task);
    return reply;
  };
  return {
    readLock: (lock) => ask({ kind: "lock", lock }),
    runTestsLeft: (ruleSet, next) => ask({ kind: "tests", ruleSet, next }),
    async dispose() {
      await worker.terminate();
    },
  };
}
