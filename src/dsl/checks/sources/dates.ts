import { ruleCheck } from "../check.ts";

/**
 * Checks that depend on the day. They say nothing unless a day is given: the same rules then give
 * the same answer for ever, and a nightly job that gives the day finds what has aged.
 */

const DAY_MS = 86_400_000;

/** Days from one day to another, negative when it lies before; a month counts from its first day. */
function daysBetween(from: string, to: string): number {
  const time = (day: string) => Date.parse(`${day.length === 7 ? `${day}-01` : day}T00:00:00Z`);
  return Math.round((time(to) - time(from)) / DAY_MS);
}

const OLDEST = { lock: 60, check: 45, experiment: 300 } as const;

/** lock-age. Once per rule and repository, at the first source of that repository. */
export const lockAge = ruleCheck("lock-age", function* ({ node, rule, file }, { loaded, today }) {
  const lock = loaded.lockOf(file);
  if (today === null || lock === null || rule.status !== "mainline") return;
  const seen = new Set<string>();
  for (const { repo, range } of node.sources) {
    const date = lock.repos[repo.text]?.date;
    if (date === undefined || seen.has(repo.text)) continue;
    seen.add(repo.text);
    const age = daysBetween(date, today);
    if (age > OLDEST.lock)
      yield {
        range,
        message: `the locked commit of ${repo.text} is ${age} days old`,
        help: `run \`rules lock --checkout ${repo.text}=DIR --update\` on a newer checkout`,
      };
  }
});

/** check-date. The grammar asks for the date; here it must lie behind the day given. */
export const checkDates = ruleCheck("check-date", function* ({ node, rule }, { today }) {
  const checked = node.status?.checked ?? null;
  if (rule.status === "in-flight" && rule.prs.length === 0)
    yield {
      range: node.status!.range,
      message: "an in-flight rule names its pull request",
      help: 'write: status in-flight pr "owner/repo#123" checked 2026-08-22',
    };
  if (today === null || checked === null || daysBetween(checked.text, today) >= 0) return;
  yield {
    range: checked.range,
    message: `${checked.text} lies after ${today}`,
    help: "write the day on which the pull request was last looked at",
  };
});

/** check-date. Nobody can have written a rule after today. */
export const futureRules = ruleCheck("check-date", function* ({ node, rule }, { today }) {
  const since = node.since?.value ?? null;
  if (since === null) return;
  if (!/^\d{4}-(?:0[1-9]|1[0-2])(?:-\d{2})?$/.test(since.text))
    yield {
      range: since.range,
      message: "`since` is a month or a day",
      help: "such as since 2026-08",
    };
  else if (today !== null && daysBetween(rule.since!, today) < 0)
    yield {
      range: since.range,
      message: `${since.text} lies after ${today}`,
      help: "write the month in which the rule was written",
    };
});

/** stale-check. */
export const staleChecks = ruleCheck("stale-check", function* ({ node, rule }, { today }) {
  const checked = node.status?.checked ?? null;
  if (today === null || checked === null) return;
  const age = daysBetween(checked.text, today);
  if (age > OLDEST.check)
    yield {
      range: checked.range,
      message: `${rule.prs.join(", ")} was last looked at ${age} days ago`,
      help: "look at the pull request: merged makes the rule mainline, closed needs its successor, else renew the date",
    };
});

/** old-experiment. */
export const oldExperiments = ruleCheck("old-experiment", function* ({ node, rule }, { today }) {
  if (today === null || rule.status !== "experimental" || rule.since === null) return;
  if (!/^\d{4}-\d{2}(-\d{2})?$/.test(rule.since)) return;
  const age = daysBetween(rule.since, today);
  if (age > OLDEST.experiment)
    yield {
      range: node.status!.range,
      message: `the rule has been experimental for ${age} days`,
      help: "promote it with a source symbol, or remove it",
    };
});

/** deprecated-use. */
export const deprecatedUse = ruleCheck("deprecated-use", function* ({ node, rule }, { rules }) {
  if (rule.status === "deprecated" && node.status?.replacedBy == null)
    yield {
      range: node.status!.range,
      message: "a deprecated rule names the one to use instead",
      help: "write: status deprecated use OTHER-RULE; a rule without successor is removed",
    };
  if (rule.status === "deprecated") return;
  for (const word of [...(node.subsumes?.values ?? []), ...(node.conflicts?.values ?? [])]) {
    const other = rules.find((unit) => unit.rule.id === word.text);
    if (other?.rule.status !== "deprecated") continue;
    yield {
      range: word.range,
      message: `\`${word.text}\` is deprecated and never claims a kernel`,
      help:
        other.rule.replacedBy === null
          ? "remove it here"
          : `name its successor \`${other.rule.replacedBy}\``,
    };
  }
});
