/**
 * What the newest releases have of what the rules cite, as Markdown for an issue:
 * `npm run upstream -- WHEELS > upstream.md`. WHEELS holds the wheels of the packages below; what
 * they unpack to is left beside them. Exit code 1 says that there is something to look at.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { coverageOf } from "../src/commands/rules/coverage.ts";
import { verifySources } from "../src/commands/rules/lock.ts";
import { verifyReleases } from "../src/commands/rules/release.ts";
import { loadRules } from "../src/dsl/load-rules.ts";
import { upstreamReport, wheelsOf } from "./upstream-report.ts";

const RULES = "rules";

const folder = process.argv[2];
if (folder === undefined || !existsSync(folder)) {
  console.error("Which wheels? npm run upstream -- DIR");
  process.exit(2);
}
const versions = new Map<string, string>();
const trees = new Map<string, string>();
for (const { repo, version, wheels } of wheelsOf(readdirSync(folder))) {
  const tree = join(folder, "unpacked", repo);
  mkdirSync(tree, { recursive: true });
  for (const wheel of wheels)
    execFileSync("python3", ["-m", "zipfile", "-e", join(folder, wheel), tree]);
  versions.set(repo, version);
  trees.set(repo, tree);
}
const { ruleSet } = await loadRules(RULES);
const report = upstreamReport(
  await verifyReleases(RULES, versions, trees),
  await verifySources(RULES, trees),
  await coverageOf(ruleSet, trees),
);
process.stdout.write(report.text);
process.exitCode = report.isNews ? 1 : 0;
