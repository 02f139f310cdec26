import { compareText } from "../../base/compare-text.ts";
import { writeFileWhole } from "../../base/files/write-whole.ts";
import { parseDictionary, spellingsOf } from "../../dsl/checks/proofs/dictionary.ts";
import { FunctionNames } from "../../dsl/checks/proofs/function-names.ts";
import { loadRules } from "../../dsl/load-rules.ts";
import { readBeside } from "../../dsl/read-rule-texts.ts";
import { compileGlob, matchesGlob } from "../../model/classes/glob.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import { openInputs } from "../../pipeline/inputs/index.ts";
import { locateTrace } from "../../pipeline/locate-trace.ts";
import { coverageOf } from "./coverage.ts";
import { DICTIONARY_PLACES } from "./lint.ts";

/** A kernel that the dictionary did not have. */
interface NewKernel {
  readonly name: string;
  readonly category: string;
  readonly vendor: "nvidia" | "amd" | "any";
  /** Library by the vocabulary; "" where it tells none. */
  readonly library: string;
  /** "profile", or the source file that declares it. */
  readonly origin: string;
}

export interface DictionaryAnswer {
  readonly file: string;
  readonly added: readonly NewKernel[];
  /** Names of the traces that were known already, sizes and template arguments aside. */
  readonly known: number;
}

/**
 * Puts the kernels of traces into the dictionary that lies beside the rules: those whose function
 * no known kernel has. Category and library are the vocabulary's, the vendor is the trace's GPU.
 *
 * @param like only names that fit one of these globs; all when empty. Where no known name fits such
 *   a glob, one whose template arguments alone are new counts too.
 * @param write false to look only.
 * @throws {TriageError} for traces or rules that cannot be used, `dictionary/missing`.
 */
export async function addToDictionary(
  options: AnalyzeOptions,
  like: readonly string[],
  write: boolean,
): Promise<DictionaryAnswer> {
  const beside = dictionaryBeside(options.rulesPath);
  const { runs, ...means } = await openInputs(options);
  const found: NewKernel[] = [];
  for (const run of runs)
    for (const file of run.files) {
      const { graph } = await locateTrace(file, run.selection, means);
      found.push(...kernelsOf(graph));
    }
  return add(beside, found, like, write);
}

/**
 * The same for kernels that source trees declare, under the names that a profiler would print:
 * what no trace at hand has run yet.
 *
 * @param checkouts name → folder.
 * @throws {TriageError} for rules that cannot be used, `lock/no-checkout`, `dictionary/missing`.
 */
export async function addDeclared(
  rulesPath: string,
  checkouts: ReadonlyMap<string, string>,
  like: readonly string[],
  write: boolean,
): Promise<DictionaryAnswer> {
  const beside = dictionaryBeside(rulesPath);
  const { ruleSet } = await loadRules(rulesPath);
  const trees = await coverageOf(ruleSet, checkouts);
  const found = trees.flatMap(({ repo, commit, families }) =>
    families.map(({ printed, category, compiler, path }): NewKernel => {
      const at = commit === null ? "" : `@${commit.slice(0, 7)}`;
      return {
        name: printed,
        category,
        vendor: compiler === "cute-dsl" ? "nvidia" : "any",
        library: compiler === "cuda" ? repo : compiler,
        origin: `${repo}${at}:${path}`,
      };
    }),
  );
  return add(beside, found, like, write);
}

function dictionaryBeside(rulesPath: string): Beside {
  const beside = readBeside(rulesPath, DICTIONARY_PLACES);
  if (beside === null) throw noDictionary(rulesPath);
  return beside;
}

type Beside = NonNullable<ReturnType<typeof readBeside>>;

async function add(
  { file, text }: Beside,
  found: readonly NewKernel[],
  like: readonly string[],
  write: boolean,
): Promise<DictionaryAnswer> {
  const dictionary = parseDictionary(text);
  const names = FunctionNames.in(dictionary);
  const globs = like.map(compileGlob);
  const unknown = globs.filter(
    (glob) =>
      !dictionary.kernels.some(({ spellings }) => spellings.some((it) => matchesGlob(glob, it))),
  );
  const added = new Map<string, NewKernel>();
  const known = new Set<string>();
  for (const kernel of found) {
    const fits = (glob: (typeof globs)[number]): boolean =>
      spellingsOf(kernel.name).some((it) => matchesGlob(glob, it));
    if (globs.length > 0 && !globs.some(fits)) continue;
    if (names.has(kernel.name) && !unknown.some(fits)) known.add(kernel.name);
    else added.set(kernel.name, kernel);
  }
  const list = firstOfEach([...added.values()].sort((a, b) => compareText(a.name, b.name)));
  if (write && list.length > 0) await writeFileWhole(file, withRows(text, list));
  return { file, added: list, known: known.size };
}

type Graph = Awaited<ReturnType<typeof locateTrace>>["graph"];

function* kernelsOf({ trace, symbols }: Graph): Generator<NewKernel> {
  const { vendor } = trace.metadata;
  const seen = new Set<string>();
  for (const { name, category, library } of symbols) {
    const { raw } = trace.kernelNames[name]!;
    // Copies and fills have the same few names everywhere.
    if (/^Mem(?:cpy|set)/.test(raw) || seen.has(raw) || /[\t\r\n]/.test(raw)) continue;
    seen.add(raw);
    yield {
      name: raw,
      category,
      vendor: vendor === "unknown" ? "any" : vendor,
      library: library ?? "",
      origin: "profile",
    };
  }
}

/** One name of each function: sizes of tiles make no new kernel. */
function firstOfEach(sorted: readonly NewKernel[]): readonly NewKernel[] {
  const taken: NewKernel[] = [];
  let names = new FunctionNames([]);
  for (const kernel of sorted) {
    if (names.has(kernel.name)) continue;
    taken.push(kernel);
    names = new FunctionNames(taken.map(({ name }) => name));
  }
  return taken;
}

/** The table with more rows, in the order of the names. */
function withRows(text: string, added: readonly NewKernel[]): string {
  const [head = "", ...rows] = text.split(/\r?\n/).filter((line) => line !== "");
  const more = added.map(({ name, category, vendor, library, origin }) =>
    [name, category, vendor, library, origin].join("\t"),
  );
  return `${[head, ...[...rows, ...more].sort(compareText)].join("\n")}\n`;
}

const noDictionary = (root: string): TriageError =>
  new TriageError({
    code: "dictionary/missing",
    exit: EXIT.rulesInvalid,
    message: "There is no kernel dictionary beside the rules.",
    place: root,
    hint: `an empty one is its head line: ${DICTIONARY_PLACES[0]} with name, category, vendor, library and origin between tabs`,
  });
