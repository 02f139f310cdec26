import type { Trace } from "../../model/trace/trace.ts";
import type { StringId } from "../../model/trace/units.ts";

/** The names of one of a trace's tables, each once, so that what they say is worked out once and not for every row. */
export function distinctNames(
  { strings }: Pick<Trace, "strings">,
  { name, count }: { readonly name: Uint32Array; readonly count: number },
): readonly StringId[] {
  const seen = new Uint8Array(strings.length);
  const distinct: StringId[] = [];
  for (let row = 0; row < count; row++) {
    const id = name[row]!;
    if (seen[id] === 1) continue;
    seen[id] = 1;
    distinct.push(id);
  }
  return distinct;
}
