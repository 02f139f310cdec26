import { nearestWord } from "../../base/nearest.ts";
import { isSameFolder } from "../../base/same-folder.ts";
import { readRuleTexts } from "../../dsl/read-rule-texts.ts";
import { isWholeBase } from "../../dsl/whole-base.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import { type RuleFolders, type RulesAt, ruleFolders } from "../../model/rule-folders.ts";

/** What somebody asked for. */
interface RulesWanted {
  /** Folders to lay over the bundled rules, weakest first; one that is a whole base takes their place. */
  readonly rules: readonly string[];
  /** Folders that are all there is, the first one lowest. Not together with `rules`. */
  readonly only: readonly string[];
  readonly off: readonly string[];
}

/**
 * Which rules are meant: a folder that says what kernels are stands in for the bundled rules, all
 * others lie over them.
 *
 * @param bundled the base where none is named
 * @throws {TriageError} `rules/unreadable`, `usage/two-rule-bases`, `usage/rules-twice`,
 *   `usage/unknown-rule` for an id that is to be left out and that nobody has
 */
export function chooseRules({ rules, only, off }: RulesWanted, bundled: string): RuleFolders {
  if (rules.length > 0 && only.length > 0)
    throw wrong(
      "rules-twice",
      "--rules lays folders over the bundled rules, --rules-only goes without those: give one of them.",
      "Give every folder with --rules-only.",
    );
  const chosen = only.length > 0 ? { base: only[0]!, over: only.slice(1) } : laid(rules, bundled);
  const found = { ...chosen, off };
  if (off.length > 0) refuseUnknown(found);
  return found;
}

function laid(rules: readonly string[], bundled: string): Omit<RuleFolders, "off"> {
  const different = rules.filter(
    (path, at) => rules.findIndex((it) => isSameFolder(it, path)) === at,
  );
  if (different.length === 1 && isSameFolder(different[0]!, bundled))
    return { base: different[0]!, over: [] };
  const bases = different.filter((path) => isSameFolder(path, bundled) || isWholeBase(path));
  const [base, second] = bases;
  if (second !== undefined)
    throw wrong(
      "two-rule-bases",
      `${base} and ${second} are rule bases of their own: each says what every kernel is.`,
      "Give one of them, and over it folders without categories; or all of them, lowest first, with --rules-only.",
    );
  return { base: base ?? bundled, over: different.filter((path) => path !== base) };
}

function refuseUnknown(at: RuleFolders): void {
  const ids = idsIn(at);
  for (const id of at.off) {
    if (ids.has(id)) continue;
    const near = nearestWord(id, ids);
    throw wrong(
      "unknown-rule",
      `No rule is called ${JSON.stringify(id)}, so it cannot be left out.`,
      near === null ? "rules list has all ids." : `Did you mean ${near}?`,
    );
  }
}

/** By the words at the head of a rule or a model: whether it can run is not asked. */
function idsIn(at: RulesAt): ReadonlySet<string> {
  const { base, over } = ruleFolders(at);
  const { files } = readRuleTexts({ base, over, off: [] });
  return new Set(files.flatMap(({ text }) => [...text.matchAll(HEAD)].map(([, id = ""]) => id)));
}

const HEAD = /^(?:rule|work|fusion|overlap)\s+([\w-]+)/gm;

const wrong = (code: string, message: string, hint: string): TriageError =>
  new TriageError({ code: `usage/${code}`, exit: EXIT.usage, message, hint });
