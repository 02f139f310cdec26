/**
 * The known word most likely meant by a mistyped one, for "did you mean" hints; null when none is
 * near. Ties go to the earlier candidate, so that the answer depends on nothing but the arguments.
 */
export function nearestWord(word: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  // A third of the letters wrong is no longer a slip of the finger.
  let bestDistance = Math.floor(word.length / 3) + 1;
  const wanted = word.toLowerCase();
  const letters = lettersOf(wanted);
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const found = candidate.toLowerCase();
    // Hundreds of known words, of which few share enough letters to be worth aligning.
    if (lettersApart(letters, wanted, found) >= bestDistance) continue;
    const distance = editDistance(wanted, found);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

const LETTERS = 128;

/** How often each letter stands in a word; letters beyond ASCII share a place with others. */
function lettersOf(word: string): Int32Array {
  const counts = new Int32Array(LETTERS);
  for (let i = 0; i < word.length; i++) counts[word.charCodeAt(i) % LETTERS]!++;
  return counts;
}

/** The least edit distance that two words can have, by the letters of each that the other lacks. */
function lettersApart(letters: Int32Array, word: string, other: string): number {
  const left = letters.slice();
  let strange = 0;
  for (let i = 0; i < other.length; i++) if (left[other.charCodeAt(i) % LETTERS]!-- <= 0) strange++;
  return Math.max(strange, strange + word.length - other.length);
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
