import { readRuleTexts } from "./read-rule-texts.ts";

const VOCABULARY = /^[ \t]*(?:category|role|library)\b/m;
const CATEGORY = /^[ \t]*category[ \t]+([\w-]+)/gm;
const IMPORT = /^[ \t]*import[ \t]+"([^"]+)"/gm;

/** What every trace of an engine has: who says what kernels are says it of these. */
const SAID_BY_ALL = ["gemm", "communication"];

/**
 * Whether a folder is a rule base of its own, not something to lay over one: its library says what
 * kernels are, those of every trace among them, and nothing in it needs a library file from
 * elsewhere.
 *
 * @throws {TriageError} `rules/unreadable`
 */
export function isWholeBase(root: string): boolean {
  const { files } = readRuleTexts(root);
  const paths = new Set(files.map(({ path }) => path));
  const said = new Set(
    files.filter(isLibrary).flatMap(({ text }) => [...text.matchAll(CATEGORY)].map(([, id]) => id)),
  );
  const needs = files.flatMap(({ text }) => [...text.matchAll(IMPORT)].map(([, path]) => path!));
  return SAID_BY_ALL.every((id) => said.has(id)) && needs.every((path) => paths.has(path));
}

/** Whether a folder names categories, roles or libraries. */
export function namesVocabulary(root: string): boolean {
  return readRuleTexts(root).files.some((file) => isLibrary(file) && VOCABULARY.test(file.text));
}

/** Whether a folder holds more than a library. */
export function holdsRules(root: string): boolean {
  return readRuleTexts(root).files.some((file) => !isLibrary(file));
}

const isLibrary = ({ path }: { readonly path: string }): boolean => path.startsWith("lib/");
