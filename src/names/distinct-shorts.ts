import type { KernelName } from "../model/trace/trace.ts";

/** What tells two names apart is added up to this length. */
const LONGEST_OWN = 40;

/**
 * Short names that mean one kernel each: where several kernels of a trace would read alike, what is
 * each one's own is added in square brackets ("reduce_kernel<…> [MulFunctor]").
 */
export function withDistinctShorts(names: readonly KernelName[]): readonly KernelName[] {
  const alike = new Map<string, Set<string>>();
  for (const { short, demangled } of names) {
    const known = alike.get(short) ?? new Set<string>();
    alike.set(short, known.add(demangled));
  }
  const taken = new Map<string, string>();
  return names.map((name) => {
    const others = [...alike.get(name.short)!];
    if (others.length === 1) return name;
    // Namespaces tell less than what they hold.
    const own = ownPart(name.demangled, others).replace(/\b(?:\w+::)+(?=\w)/g, "");
    const cut = own.length > LONGEST_OWN ? `${own.slice(0, LONGEST_OWN - 1)}…` : own;
    let short = `${name.short} [${cut === "" ? others.indexOf(name.demangled) + 1 : cut}]`;
    // Names that differ beyond what is shown are numbered, in the order in which the trace has them.
    if ((taken.get(short) ?? name.demangled) !== name.demangled)
      short = `${name.short} [${others.indexOf(name.demangled) + 1}: ${cut}]`;
    taken.set(short, name.demangled);
    return { ...name, short };
  });
}

/** What lies between the common start and the common end of all names, in whole words. */
function ownPart(name: string, names: readonly string[]): string {
  const words = (text: string): string[] => text.split(/(?<=[_,<>() ])/);
  const mine = words(name);
  const others = names.map(words);
  const shortest = Math.min(...others.map(({ length }) => length));
  let start = 0;
  while (start < shortest && others.every((other) => other[start] === mine[start])) start++;
  let end = 0;
  while (
    end < shortest - start &&
    others.every((other) => other.at(-1 - end) === mine.at(-1 - end))
  )
    end++;
  return mine
    .slice(start, mine.length - end)
    .join("")
    .replace(/[_, ]+$/, "");
}
