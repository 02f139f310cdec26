import type { LetNode, TextNode } from "../../ast.ts";
import type { LoadedFile } from "../../load-texts.ts";
import type { Check, CheckContext, KnownKernels, Remark } from "../check.ts";
import { type Bits, countBits, membersOf } from "../proofs/bits.ts";
import type { DictionaryClasses } from "../proofs/class-bits.ts";
import { atomsOf, letsOf } from "../proofs/class-walk.ts";

/** More of all known kernels, or of their categories, is no class of one rule. */
const MOST = { share: 0.05, categories: 3 } as const;

/** broad-class. A class of `rules/lib` may be as broad as its name says; it is reviewed as such. */
export const broadClasses: Check = {
  code: "broad-class",
  *run({ loaded, known }) {
    if (known === null) return;
    for (const { let: one, file, globs } of ownGlobs(loaded.files)) {
      const bits = mustHold(known, one, file, loaded.ruleSet);
      if (bits === null) continue;
      const fault = broadness(bits, known.classes);
      if (fault === null) continue;
      const broadest = globs.toSorted(
        (a, b) => countOf(known, b) - countOf(known, a) || a.range.start - b.range.start,
      )[0]!;
      yield {
        file: file.file,
        ...ruleOf(file),
        range: broadest.range,
        message: `class \`${one.name.text}\` holds ${fault}`,
        help: "name the kernels more closely, or use a class of rules/lib",
      };
    }
  },
};

/** short-glob. Letters, digits and underscores that a name must hold in one piece. */
const LEAST_LETTERS = 6;

export const shortGlobs: Check = {
  code: "short-glob",
  *run({ loaded }) {
    for (const { file, globs } of ownGlobs(loaded.files))
      for (const glob of globs) {
        const longest = glob.text.split("*").reduce((a, b) => (b.length > a.length ? b : a), "");
        if (longest.length >= LEAST_LETTERS || !glob.text.includes("*")) continue;
        yield {
          file: file.file,
          ...ruleOf(file),
          range: glob.range,
          message: `the longest piece of this glob has ${longest.length} letters`,
          help: `such short pieces stand in unrelated names; use ${LEAST_LETTERS} or more`,
        };
      }
  },
};

/** unknown-kernel. What a pull request brings is not known yet. */
export const unknownKernels: Check = {
  code: "unknown-kernel",
  *run({ loaded, known }) {
    if (known === null) return;
    for (const { file, globs } of ownGlobs(loaded.files)) {
      if (file.ast.rules[0]?.status?.value === "in-flight") continue;
      for (const glob of globs) {
        if (countOf(known, glob) > 0) continue;
        yield {
          file: file.file,
          ...ruleOf(file),
          range: glob.range,
          message: "no known kernel has a name like this",
          help: "look for a slip of the pen; a new kernel is added to references/kernel-dictionary.tsv with its source",
        };
      }
    }
  },
};

interface OwnGlobs {
  readonly file: LoadedFile;
  readonly let: LetNode;
  /** Globs of kernel names, those under a `not` left out. */
  readonly globs: readonly TextNode[];
}

/** Classes that rule files write themselves. */
function* ownGlobs(files: CheckContext["loaded"]["files"]): Generator<OwnGlobs> {
  for (const file of files) {
    if (file.path.startsWith("lib/")) continue;
    for (const one of letsOf(file.ast)) {
      const globs = [...atomsOf(one.expr)].flatMap(({ atom, negated }) =>
        negated || atom.field.text !== "name"
          ? []
          : atom.patterns.filter((pattern) => pattern.kind === "text"),
      );
      if (globs.length > 0) yield { file, let: one, globs };
    }
  }
}

const ruleOf = ({ ast }: LoadedFile): Pick<Remark, "rule"> =>
  ast.rules[0] === undefined ? {} : { rule: ast.rules[0].id.text };

const countOf = ({ classes }: KnownKernels, glob: TextNode): number =>
  countBits(classes.namesLike(glob.text));

/** Kernels a class holds whatever else is known of them; null for a class that no pattern uses. */
function mustHold(
  { classes }: KnownKernels,
  one: LetNode,
  file: LoadedFile,
  { classes: compiled }: CheckContext["loaded"]["ruleSet"],
): Bits | null {
  const rule = file.ast.rules[0]?.id.text;
  const id = compiled.findIndex(({ name }) => name === `${rule}.${one.name.text}`);
  return id < 0 ? null : classes.of(id).must;
}

function broadness(bits: Bits, { dictionary, size }: DictionaryClasses): string | null {
  const count = countBits(bits);
  const categories = new Set<string>();
  for (const member of membersOf(bits)) categories.add(dictionary.kernels[member]!.category);
  if (count > MOST.share * size)
    return `${count} of the ${size} known kernels, more than ${MOST.share * 100}%`;
  if (categories.size > MOST.categories)
    return `kernels of ${categories.size} categories: ${[...categories].sort().join(", ")}`;
  return null;
}
