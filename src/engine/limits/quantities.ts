import { TYPE_BYTES, type WorkInput } from "../../model/work.ts";

const product = (dims: readonly number[]): number => dims.reduce((all, each) => all * each, 1);

/** Elements of a tensor, or of all tensors of a list; null for what is neither. */
export function elementsOf({ dims, list }: WorkInput): number | null {
  if (dims !== null) return product(dims);
  return list === null ? null : list.reduce((all, each) => all + product(each), 0);
}

export function rankOf({ dims, list, value }: WorkInput): number | null {
  return dims?.length ?? list?.length ?? (Array.isArray(value) ? value.length : null);
}

/** Bytes of the elements that exist: an expanded dimension (stride 0) is stored once. */
export function bytesOf(input: WorkInput): number | null {
  const size = TYPE_BYTES[input.type];
  const { dims, strides } = input;
  if (size === undefined) return null;
  if (dims === null || strides === null || strides.length !== dims.length) {
    const elements = elementsOf(input);
    return elements === null ? null : elements * size;
  }
  return dims.reduce((all, each, at) => (strides[at] === 0 && each > 0 ? all : all * each), size);
}

/** Elements of the result of broadcasting; null where sizes do not fit. */
export function broadcastElements(inputs: readonly WorkInput[]): number | null {
  let elements = 1;
  const shapes = inputs.map(({ dims }) => dims);
  if (shapes.some((dims) => dims === null)) return null;
  const rank = Math.max(...shapes.map((dims) => dims!.length));
  for (let back = 1; back <= rank; back++) {
    let size = 1;
    for (const dims of shapes) {
      const mine = dims![dims!.length - back] ?? 1;
      if (mine === 1) continue;
      if (size !== 1 && size !== mine) return null;
      size = mine;
    }
    elements *= size;
  }
  return elements;
}

/**
 * Experts that at least one token chooses, on average, when each of `tokens` picks `chosen`
 * different ones of `all` evenly: of `all` experts each is passed over by a token with probability
 * 1 - chosen/all. Never more than can be met.
 */
export function expertsMet(all: number, tokens: number, chosen: number): number | null {
  if (all <= 0 || tokens < 0 || chosen < 0) return null;
  const met = all * (1 - (1 - Math.min(1, chosen / all)) ** tokens);
  return Math.min(all, tokens * chosen, met);
}

/** Elements left when `reduced` dims (from the end where negative) are gone: one where all are, or none is listed. */
export function keptElements({ dims }: WorkInput, reduced: unknown): number | null {
  if (dims === null) return null;
  const list = typeof reduced === "number" ? [reduced] : reduced;
  if (!Array.isArray(list) || list.length === 0) return 1;
  const gone = new Set(list.map((each: number) => (each < 0 ? dims.length + each : each)));
  return product(dims.filter((_, at) => !gone.has(at)));
}

/** Bytes of all tensors, of each at most `most` elements: a kernel of so many elements touches no more. */
export function tensorBytes(inputs: readonly WorkInput[], most: number): number | null {
  let bytes = 0;
  for (const input of inputs) {
    if (input.dims === null || input.type === "") continue;
    const whole = bytesOf(input);
    const size = TYPE_BYTES[input.type];
    if (whole === null || size === undefined) return null;
    bytes += Math.min(whole, most * size);
  }
  return bytes;
}
