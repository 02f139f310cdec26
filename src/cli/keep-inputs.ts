import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { EXIT, TriageError } from "../model/errors.ts";
import { isStdout } from "./terminal/output.ts";

/**
 * Refuses an output that is one of the files being read, under whatever name: a trace cannot be
 * recorded again.
 *
 * @param rules folders of rules that are read with them
 * @throws {TriageError} output/is-input, output/is-rule
 */
export function keepInputs(
  output: string | null,
  inputs: readonly string[],
  rules: readonly string[] = [],
): void {
  if (isStdout(output)) return;
  const folder = rules.find((one) => existsSync(one) && isRuleFile(output, one));
  if (folder !== undefined)
    throw new TriageError({
      code: "output/is-rule",
      exit: EXIT.usage,
      message: `--output ${output} is a file of the rules in ${folder}, which would be lost.`,
      place: output,
      hint: "Write to another file.",
    });
  const target = statSync(output, { throwIfNoEntry: false });
  if (target === undefined || !target.isFile()) return;
  for (const input of inputs) {
    const stats = statSync(input, { throwIfNoEntry: false });
    if (stats?.dev !== target.dev || stats.ino !== target.ino) continue;
    throw new TriageError({
      code: "output/is-input",
      exit: EXIT.usage,
      message: `--output ${output} is the input ${input}, which would be lost.`,
      place: output,
      hint: "Write to another file.",
    });
  }
}

/** Rules, policies, the lock and their packs: what the rule base is made of, and exists already. */
const RULE_FILE = /\.fuse$|^sources\.lock\.yaml$|^\.(?:rules|policy)-pack\.json$/;

function isRuleFile(output: string, rules: string): boolean {
  if (statSync(output, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const [target, root] = [realpathSync(output), realpathSync(rules)];
  const folder = dirname(target);
  if (!`${folder}${sep}`.startsWith(root + sep)) return false;
  return (
    RULE_FILE.test(basename(target)) ||
    (target.endsWith(".yaml") && folder === join(root, "policy"))
  );
}
