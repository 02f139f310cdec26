import { eitherLetters, type Letters, lettersMeet, NO_LETTERS } from "./letters.ts";
import { NotJudged, parseRegex, type RegexNode } from "./parse-regex.ts";

/** Longer expressions are programs. */
export const LONGEST_REGEX = 200;

/** Ways that bounded repeats and choices may be tried in, all together. */
const MOST_WAYS = 1_000;

/**
 * Why a regular expression cannot be shown to take linear time under a backtracking matcher that
 * starts anywhere in the text; null when it can. Conservative: some that are linear are refused.
 *
 * Shown linear is what has no repeat within a repeat, and in every branch: at most one repeat
 * without bound whose end is not told by the next letter, and either `^` or, before the first
 * repeat without bound, a letter that the repeat cannot hold. Then the stretches that different
 * starts walk through do not overlap, and within a stretch only one end is sought.
 */
export function regexCost(source: string): string | null {
  if (source.length > LONGEST_REGEX) return `it is longer than ${LONGEST_REGEX} characters`;
  try {
    const branches = branchesOf(parseRegex(source));
    for (const branch of branches) checkBranch(branch);
    return null;
  } catch (error) {
    if (error instanceof NotJudged) return error.message;
    throw error;
  }
}

/** A stretch of a branch: one letter or a repeated piece, with the letters it can hold. */
interface Piece {
  /** Letters it may begin with, and all it may hold. */
  readonly first: Letters;
  readonly all: Letters;
  readonly least: number;
  readonly most: number;
}
type Branch = readonly (Piece | "start" | "edge")[];

/** Choices outside of repeats, written out as branches of their own. */
function branchesOf(node: RegexNode): Branch[] {
  switch (node.kind) {
    case "letter":
      return [[{ first: node.set, all: node.set, least: 1, most: 1 }]];
    case "edge":
      return [[node.isStart ? "start" : "edge"]];
    case "choice":
      return limited(node.of.flatMap(branchesOf));
    case "sequence":
      return node.of.reduce<Branch[]>(
        (branches, part) =>
          limited(branches.flatMap((head) => branchesOf(part).map((tail) => [...head, ...tail]))),
        [[]],
      );
    case "repeat":
      return [[repeatedPiece(node)]];
  }
}

const MOST_BRANCHES = 256;

function limited(branches: Branch[]): Branch[] {
  if (branches.length > MOST_BRANCHES) throw new NotJudged("it has too many alternatives");
  return branches;
}

function repeatedPiece({ of, least, most }: Extract<RegexNode, { kind: "repeat" }>): Piece {
  const words = branchesOf(of);
  for (const word of words) {
    if (word.some((piece) => typeof piece !== "string" && piece.least !== piece.most))
      throw new NotJudged("a repeat stands within a repeat");
    if (!word.some((piece) => typeof piece !== "string"))
      throw new NotJudged("a repeat of nothing");
  }
  const firsts = words.map((word) => word.find((piece) => typeof piece !== "string")!.first);
  const isClear = firsts.every((set, i) =>
    firsts.slice(i + 1).every((other) => !lettersMeet(set, other)),
  );
  if (!isClear && most > 1)
    throw new NotJudged("alternatives under a repeat begin with the same letter");
  const all = words
    .flat()
    .flatMap((piece) => (typeof piece === "string" ? [] : [piece.all]))
    .reduce(eitherLetters, NO_LETTERS);
  return { first: firsts.reduce(eitherLetters, NO_LETTERS), all, least, most };
}

function checkBranch(branch: Branch): void {
  const pieces = branch.filter((piece) => typeof piece !== "string");
  const isAnchored = branch[0] === "start";
  const loose = pieces.filter((piece) => isEndless(piece) && !isEndTold(branch, piece));
  if (loose.length > 1)
    throw new NotJudged("two endless repeats can share the same stretch of text");
  for (const repeat of pieces.filter(isEndless)) {
    const before = pieces.slice(0, pieces.indexOf(repeat));
    const from = before.findIndex((piece) => loose.includes(piece));
    if (from < 0 && isAnchored) continue;
    if (before.slice(from + 1).some((piece) => setsApart(piece, repeat))) continue;
    throw new NotJudged(
      from < 0
        ? "its endless repeat can be entered from many places; begin with `^`, or with a character that the repeat cannot hold"
        : "two endless repeats can share the same stretch of text",
    );
  }
  const ways = pieces
    .filter((piece) => !isEndless(piece) && !isEndTold(branch, piece))
    .reduce((product, { least, most }) => product * (most - least + 1), 1);
  if (ways > MOST_WAYS) throw new NotJudged("its bounded repeats can be tried in too many ways");
}

const isEndless = ({ most }: Piece): boolean => most === Number.POSITIVE_INFINITY;

/** Must stand before the repeat, and holds what the repeat cannot. */
const setsApart = ({ all, least }: Piece, repeat: Piece): boolean =>
  least > 0 && !lettersMeet(all, repeat.all);

/** Does the letter after it tell where it ends? The last of all takes what it can and is done. */
function isEndTold(branch: Branch, piece: Piece): boolean {
  if (piece.least === piece.most) return true;
  for (const next of branch.slice(branch.indexOf(piece) + 1)) {
    if (typeof next === "string" || lettersMeet(next.first, piece.first)) return false;
    if (next.least > 0) return true;
  }
  return true;
}
