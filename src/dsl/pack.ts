import { parseJson } from "../base/files/read-json.ts";
import { readSideText } from "../base/files/side-file.ts";
import { writeFileWhole } from "../base/files/write-whole.ts";
import { sha256 } from "../base/sha256.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { RuleSet } from "../model/rule.ts";
import { type RulesAt, ruleFolders } from "../model/rule-folders.ts";
import { compilerFingerprint } from "./compiler-fingerprint.ts";
import { isRuleSet } from "./pack-shape.ts";
import { readRuleTexts } from "./read-rule-texts.ts";

/**
 * A compiled pack: one line that says what it is made from and by which compiler, one line with
 * the rule set. Data only, no code. It stands in for the texts when both agree, and saves loading
 * the parser; whenever anything disagrees it is as if it were not there.
 */
interface PackHeader {
  readonly pack: 1;
  /** {@link compilerFingerprint} of the program that wrote it. */
  readonly compiler: string;
  /** Digest of the rule texts. */
  readonly digest: string;
  /** Hex sha256 of the second line. */
  readonly sha256: string;
}

/**
 * Writes the pack of a rule set that compiled without remarks.
 *
 * @throws {TriageError} `rules/not-clean` when there are remarks: a pack has no room for them.
 */
export async function writePack(
  loaded: { readonly ruleSet: RuleSet; readonly diagnostics: readonly Diagnostic[] },
  file: string,
): Promise<void> {
  const { ruleSet, diagnostics } = loaded;
  if (diagnostics.length > 0)
    throw new TriageError({
      code: "rules/not-clean",
      exit: EXIT.rulesInvalid,
      message: `${diagnostics.length} remarks about the rules in ${ruleSet.path}; they are not packed`,
      place: ruleSet.path,
      hint: "run `rules lint` and repair what it reports",
    });
  // The place of the rules is not part of the pack; it may move with them. Nor are their tests,
  // which no trace needs and which would be most of it.
  const rules = ruleSet.rules.map((rule) => ({ ...rule, tests: [] }));
  const works = ruleSet.works.map((work) => ({ ...work, tests: [] }));
  const body = JSON.stringify({ ...ruleSet, rules, works, path: "" });
  const header: PackHeader = {
    pack: 1,
    compiler: compilerFingerprint(),
    digest: ruleSet.digest,
    sha256: sha256(body),
  };
  await writeFileWhole(file, `${JSON.stringify(header)}\n${body}\n`);
}

/** The rule set of a pack made by this compiler from texts of this digest, without the rules' tests; null for any other. */
export function readPack(file: string, digest: string): RuleSet | null {
  const [head = "", body = "", rest] = textOf(file)?.split("\n") ?? [];
  const header = parsedOrNull(head) as Partial<PackHeader> | null;
  const fits =
    header?.pack === 1 &&
    header.digest === digest &&
    rest === "" &&
    header.sha256 === sha256(body) &&
    header.compiler === compilerFingerprint();
  const set = fits ? parsedOrNull(body) : null;
  return isRuleSet(set) ? set : null;
}

/** Bytes; ours has a hundredth. */
const LARGEST_PACK = 64 << 20;

function textOf(file: string): string | null {
  try {
    return readSideText(file, LARGEST_PACK);
  } catch {
    return null;
  }
}

function parsedOrNull(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** Rules from the pack where there is one and it fits, else from the texts; nothing is written either way. */
export async function loadRulesFast(
  at: RulesAt,
  packFile: string | null,
): Promise<{ ruleSet: RuleSet; diagnostics: Diagnostic[]; from: "pack" | "texts" }> {
  const root = ruleFolders(at).base;
  const texts = readRuleTexts(at);
  const packed = packFile === null ? null : readPack(packFile, texts.digest);
  if (packed !== null) return { ruleSet: { ...packed, path: root }, diagnostics: [], from: "pack" };
  // Only now, because loading the parser takes longer than reading a pack.
  const { loadTexts } = await import("./load-rules.ts");
  const { ruleSet, diagnostics } = loadTexts(root, texts);
  return { ruleSet, diagnostics, from: "texts" };
}
