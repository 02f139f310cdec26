import { compareText } from "../../base/compare-text.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { CATEGORY_GROUNDS, type Definition, type Rule, type RuleSet } from "../../model/rule.ts";
import type { DefinitionNode, FuseFile, RuleNode } from "../ast.ts";
import type { PlaceOver } from "../layers.ts";
import { Remarks } from "../remarks.ts";
import type { SourceLock } from "../source-lock.ts";
import { ClassTable, type Vocabulary } from "./class-table.ts";
import { compileRule, type RulePlace } from "./compile-rule.ts";
import { linkRules } from "./link-rules.ts";
import {
  isLibrary,
  type LibraryScopes,
  libraryScopes,
  type PlacedFile,
  ruleScope,
} from "./scopes.ts";
import { checkDefinitionFields } from "./vocabulary.ts";

/** Where the texts came from. */
interface RulesOrigin {
  /** Directory that the files' names begin with; "" when they are relative to it already. */
  readonly root: string;
  readonly digest: string;
  /** Files that do not lie in the base, by their names. */
  readonly layers?: ReadonlyMap<string, PlaceOver>;
  /** The lock of each layer; left out, all go by the one given. */
  readonly locks?: readonly (SourceLock | null)[];
}

/**
 * Trees → rule set. Files are taken in the order of their paths whatever order they come in; a
 * rule that cannot run is left out and reported, the others stay. Files with syntax errors lend
 * the classes that did parse, but no rule.
 *
 * @param lock null when there is none: sources then have no address.
 */
export function compileRules(
  files: readonly FuseFile[],
  lock: SourceLock | null,
  origin: RulesOrigin = { root: "", digest: "" },
): { ruleSet: RuleSet; diagnostics: Diagnostic[] } {
  const placed = files
    .map((ast) => placedFile(ast, origin))
    .sort((a, b) => a.layer - b.layer || compareText(a.path, b.path));
  const libraries = libraryScopes(placed);
  const scopes = [...new Set(libraries.flatMap((seen) => [...seen.values()]))];
  const table = new ClassTable(vocabularyOf(placed));
  for (const scope of scopes) table.checkScope(scope);
  const definitions = compileDefinitions(placed, libraries, table);
  const diagnostics = scopes.flatMap(({ remarks }) => remarks.list);
  const lockOf = ({ layer }: PlacedFile) => origin.locks?.[layer] ?? lock;
  const rules = compileRuleFiles(placed, libraries, table, lockOf, diagnostics);
  return {
    ruleSet: {
      edition: 1,
      digest: origin.digest,
      path: origin.root,
      classes: table.classes,
      ...definitions,
      rules: linkRules(rules, placed, diagnostics),
      works: [],
      repos: reposOf(origin.locks?.at(-1) ?? lock),
    },
    diagnostics: diagnostics.sort(
      (a, b) => compareText(a.file, b.file) || a.range.start - b.range.start,
    ),
  };
}

function placedFile(ast: FuseFile, { root, layers }: RulesOrigin): PlacedFile {
  const over = layers?.get(ast.file);
  if (over !== undefined) return { ...over, ast, name: ast.file };
  const path = pathBelow(root, ast.file);
  return { path, ast, layer: 0, name: path };
}

const pathBelow = (root: string, file: string): string => {
  const prefix = root === "" || root.endsWith("/") ? root : `${root}/`;
  return file.startsWith(prefix) ? file.slice(prefix.length) : file;
};

const definitionsOf = ({ ast }: PlacedFile): DefinitionNode[] =>
  ast.entries.filter((entry): entry is DefinitionNode => entry.kind !== "let");

function vocabularyOf(files: readonly PlacedFile[]): Vocabulary {
  const all = files.filter(isLibrary).flatMap(definitionsOf);
  const ids = (kind: DefinitionNode["kind"]) =>
    all.filter((one) => one.kind === kind && one.by === null).map((one) => one.id.text);
  return { category: ids("category"), role: ids("role"), library: ids("library") };
}

/** The first that fits decides, so those of upper layers come first. */
function compileDefinitions(
  files: readonly PlacedFile[],
  libraries: LibraryScopes,
  table: ClassTable,
): Pick<RuleSet, "libraries" | "categories" | "categoriesBy" | "roles"> {
  const placed = files
    .filter(isLibrary)
    .toSorted((a, b) => b.layer - a.layer)
    .flatMap((file) =>
      definitionsOf(file).map((node) => ({
        node,
        scope: libraries[file.layer]!.get(file.path)!,
      })),
    );
  const compile = (kind: DefinitionNode["kind"], by: DefinitionNode["by"] = null): Definition[] =>
    placed.flatMap(({ node, scope }) => {
      if (node.kind !== kind || (kind === "category" && node.by !== by)) return [];
      if (!checkDefinitionFields(node, scope)) return [];
      const id = node.id.text;
      const made = table.define(
        by === null ? `${kind}:${id}` : `${kind}:${id} by ${by}`,
        node.expr,
        scope,
      );
      return made === null ? [] : [{ id, title: node.title?.text ?? id, class: made }];
    });
  const [words, op] = CATEGORY_GROUNDS.map((by) => compile("category", by));
  const hasGrounds = words!.length + op!.length > 0;
  return {
    libraries: compile("library"),
    categories: compile("category"),
    ...(hasGrounds ? { categoriesBy: { words: words!, op: op! } } : {}),
    roles: compile("role"),
  };
}

function compileRuleFiles(
  files: readonly PlacedFile[],
  libraries: LibraryScopes,
  table: ClassTable,
  lockOf: (file: PlacedFile) => SourceLock | null,
  diagnostics: Diagnostic[],
): Rule[] {
  const compiled: Rule[] = [];
  for (const file of files) {
    const rule = ruleOf(file, diagnostics);
    if (rule === null) continue;
    const remarks = new Remarks(file.ast.file, diagnostics, rule.id.text);
    const place = placeOf(file, rule, remarks);
    const scope = ruleScope(file.ast, rule, libraries[file.layer]!, remarks);
    const classes = table.classes.length;
    table.checkScope(scope);
    const made = compileRule(rule, place, table, scope, lockOf(file));
    if (made === null) table.shrinkTo(classes);
    else compiled.push(made);
  }
  return compiled;
}

/** The one rule of a rule file; null for libraries and for files that did not parse. */
function ruleOf(file: PlacedFile, diagnostics: Diagnostic[]): RuleNode | null {
  const { ast } = file;
  if (!ast.complete) return null;
  const remarks = new Remarks(ast.file, diagnostics);
  const [first, ...others] = ast.rules;
  if (isLibrary(file)) {
    for (const rule of ast.rules)
      remarks.error("file-place", rule.id.range, "a library file holds no rule");
    return null;
  }
  for (const { id } of others)
    remarks.error(
      "file-place",
      id.range,
      `a file holds one rule; move \`${id.text}\` to a file of its own`,
    );
  for (const { id, kind } of definitionsOf(file))
    remarks.error("file-place", id.range, `a ${kind} is defined in a file under lib/`);
  if (first === undefined) {
    const { range } = ast.edition ?? ast;
    remarks.error("file-place", range, "the file holds no rule", {
      help: "files of shared classes belong under lib/",
    });
  }
  return first ?? null;
}

const FOLDERS = { fusion: "fuse", overlap: "overlap" } as const;

/** `fuse/ORIGIN/ID.fuse` or `overlap/ORIGIN/ID.fuse`; a rule elsewhere runs, but is hard to find. */
function placeOf({ path, name: told }: PlacedFile, rule: RuleNode, remarks: Remarks): RulePlace {
  const id = rule.id.text;
  const [, folder, origin = "", name] = /^(fuse|overlap)\/([^/]+)\/([^/]+)\.fuse$/.exec(path) ?? [];
  const wanted = rule.ruleKind === null ? folder : FOLDERS[rule.ruleKind.value];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))
    remarks.blemish(
      "file-place",
      rule.id.range,
      `a rule id is written in lower case, like-this: \`${id}\``,
    );
  if (folder !== wanted || name !== id)
    remarks.blemish(
      "file-place",
      rule.id.range,
      `rule \`${id}\` belongs in ${wanted}/ORIGIN/${id}.fuse`,
      {
        help: `it is in ${path}`,
      },
    );
  return { path: told, origin };
}

function reposOf(lock: SourceLock | null): RuleSet["repos"] {
  const repos = Object.entries(lock?.repos ?? {}).sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(
    repos.map(([alias, { url, commit, date }]) => [alias, { url, commit, date: date ?? "" }]),
  );
}
