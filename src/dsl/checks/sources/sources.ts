import { isRelease } from "../../../base/release-order.ts";
import type { RuleSource } from "../../../model/rule.ts";
import { didYouMean } from "../../parse/messages.ts";
import type { LockedFile, SourceLock } from "../../source-lock.ts";
import { type CheckContext, type Remark, type RuleUnit, ruleCheck } from "../check.ts";

type Place = Omit<Remark, "file" | "rule">;

/** source-symbol. A pull request's files have no symbols yet, an in-flight or experimental rule may name none. */
export const sourceSymbols = ruleCheck("source-symbol", function* ({ node, rule }) {
  if (rule.status !== "mainline" || rule.sources.length === 0) return;
  if (rule.sources.some(({ symbol, pr }) => symbol !== null && pr === null)) return;
  yield {
    range: node.sources[0]!.target.range,
    message: "no source of this mainline rule names a symbol",
    help: 'add the class, function or kernel after the path: "path.py#Class.method"',
  };
});

/** source-path. Files of pull requests are not in the lock, nor files of a commit of their own. */
export const sourcePaths = ruleCheck("source-path", (unit, context) =>
  lookedUp(unit, context, ({ source, target, locked, lock }) => {
    if (locked !== null) return [];
    const files = lock.files[source.repo] ?? {};
    return [
      {
        range: target.range,
        message: `the source lock has no file ${source.path} of ${source.repo}`,
        help: `run \`rules lock --checkout ${source.repo}=DIR --update\` on a checkout of the locked commit`,
        ...didYouMean(source.path, Object.keys(files)),
      },
    ];
  }),
);

/** source-unproven. Only mainline rules promise that the fused path is there. */
export const unprovenSources = ruleCheck("source-unproven", (unit, context) => {
  if (unit.rule.status !== "mainline") return [];
  return lookedUp(unit, context, ({ source, target, locked }) => {
    const { path, repo, symbol } = source;
    if (locked === null) return [];
    const help = `look at the locked commit, then run \`rules lock --checkout ${repo}=DIR --update\``;
    if (!locked.verified)
      return [
        {
          range: target.range,
          message: `${path} was not found at the locked commit of ${repo}`,
          help: `${help}; or keep the rule experimental`,
        },
      ];
    if (symbol === null || locked.symbols.includes(symbol)) return [];
    return [
      {
        range: target.range,
        message: `\`${symbol}\` was not found in ${path} at the locked commit`,
        help,
        ...didYouMean(symbol, locked.symbols),
      },
    ];
  });
});

/** commit-override. */
export const commitOverrides = ruleCheck("commit-override", function* ({ node }) {
  for (const { commit } of node.sources)
    if (commit !== null && !isCommit(commit.text) && !isRelease(commit.text))
      yield {
        range: commit.range,
        message: `\`${commit.text}\` is neither a full commit nor a release`,
        help: "write all 40 hexadecimal digits in quotes, or the number of a release; branches and short forms move",
      };
});

const isCommit = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

interface LookedUp {
  readonly source: RuleSource;
  readonly target: { readonly range: Place["range"] };
  readonly locked: LockedFile | null;
  readonly lock: SourceLock;
}

function* lookedUp(
  { node, rule, file }: RuleUnit,
  { loaded }: CheckContext,
  check: (found: LookedUp) => readonly Place[],
): Generator<Place> {
  const lock = loaded.lockOf(file);
  if (lock === null) return;
  for (const [index, source] of rule.sources.entries()) {
    const { commit, target } = node.sources[index]!;
    if (source.pr !== null || commit !== null || !Object.hasOwn(lock.repos, source.repo)) continue;
    const locked = lock.files[source.repo]?.[source.path] ?? null;
    yield* check({ source, target, locked, lock });
  }
}

/** reference-address. Whether an address still answers is nothing to ask in every run. */
export const referenceAddresses = ruleCheck("reference-address", function* ({ node }) {
  for (const { value } of node.refs) {
    const url = URL.canParse(value.text) ? new URL(value.text) : null;
    if (url?.protocol === "https:" && url.hostname.includes(".")) continue;
    yield {
      range: value.range,
      message: "a `ref` is the https address of a page",
      help: 'such as ref "https://docs.flashinfer.ai/api/norm.html"',
    };
  }
});
