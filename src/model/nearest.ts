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
    const found = candidate.toLowerCase();
    // Hundreds of known words, of which few share enough letters to be worth aligning.
    if (lettersApart(letters, wanted.length, found) >= bestDistance) continue;
    const distance = editDistance(wanted, found);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function lettersOf(word: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i < word.length; i++) counts.set(word[i]!, (counts.get(word[i]!) ?? 0) + 1);
  return counts;
}

/** The least edit distance that two words can have, by how often each letter stands in them. */
function lettersApart(letters: ReadonlyMap<string, number>, length: number, word: string): number {
  const left = new Map(letters);
  let strange = 0;
  for (let i = 0; i < word.length; i++) {
    const count = left.get(word[i]!) ?? 0;
    if (count === 0) strange++;
    else left.set(word[i]!, count - 1);
  }
  return Math.max(strange, strange + length - word.length);
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
