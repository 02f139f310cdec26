import type { StringId } from "../../model/units.ts";

/** The names of a table, each once, so that what they say is worked out once and not for every row. */
export function distinctNames(table: {
  readonly count: number;
  readonly name: Uint32Array;
}): readonly StringId[] {
  const { name, count } = table;
  let seen = new Uint8Array(1024);
  const distinct: StringId[] = [];
  for (let row = 0; row < count; row++) {
    const id = name[row]!;
    if (seen[id] === 1) continue;
    if (id >= seen.length) seen = widened(seen, id);
    seen[id] = 1;
    distinct.push(id);
  }
  return distinct;
}

function widened(flags: Uint8Array<ArrayBuffer>, index: number): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(Math.max(flags.length * 2, index + 1));
  wider.set(flags);
  return wider;
}
