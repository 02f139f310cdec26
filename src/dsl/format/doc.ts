/**
 * A text with choices of where to break lines: Wadler's "A prettier printer" cut down to what the
 * formatter needs. A group is laid out flat when it fits, else every line of it breaks.
 */
export type Doc =
  | string
  | readonly Doc[]
  | { readonly kind: "group"; readonly doc: Doc; readonly broken: boolean }
  | { readonly kind: "indent"; readonly doc: Doc }
  | { readonly kind: "line"; readonly flat: string; readonly hard: boolean }
  /** Held back to the end of the line; breaks the groups around it. */
  | { readonly kind: "suffix"; readonly text: string };

/** A space or a new line. */
export const line: Doc = { kind: "line", flat: " ", hard: false };
/** Nothing or a new line. */
export const softline: Doc = { kind: "line", flat: "", hard: false };
export const hardline: Doc = { kind: "line", flat: "", hard: true };

export const group = (...docs: readonly Doc[]): Doc => ({
  kind: "group",
  doc: docs,
  broken: docs.some(mustBreak),
});
export const indent = (...docs: readonly Doc[]): Doc => ({ kind: "indent", doc: docs });
export const suffix = (text: string): Doc => ({ kind: "suffix", text });
export const join = (separator: Doc, docs: readonly Doc[]): Doc =>
  docs.map((doc, index) => (index === 0 ? doc : [separator, doc]));

function mustBreak(doc: Doc): boolean {
  if (typeof doc === "string") return false;
  if (isList(doc)) return doc.some(mustBreak);
  switch (doc.kind) {
    case "group":
      return doc.broken;
    case "indent":
      return mustBreak(doc.doc);
    case "line":
      return doc.hard;
    case "suffix":
      return true;
  }
}

const isList = (doc: Doc): doc is readonly Doc[] => Array.isArray(doc);

const INDENT = 2;

/**
 * Docs still to be laid out, the next one last. Plain lists side by side: a command object for
 * each doc would cost more than laying it out.
 */
interface Stack {
  readonly docs: Doc[];
  readonly indents: number[];
  readonly flats: boolean[];
}

/** Lays out a document in lines of `width` characters where it can. */
export function layOut(root: Doc, width: number): string {
  const stack: Stack = { docs: [root], indents: [0], flats: [false] };
  const { docs, indents, flats } = stack;
  const push = (doc: Doc, indent: number, flat: boolean): void => {
    docs.push(doc);
    indents.push(indent);
    flats.push(flat);
  };
  const lines: string[] = [];
  let current = "";
  let held = "";
  for (let doc = docs.pop(); doc !== undefined; doc = docs.pop()) {
    const indent = indents.pop()!;
    const flat = flats.pop()!;
    if (typeof doc === "string") {
      current += doc;
    } else if (isList(doc)) {
      for (let i = doc.length - 1; i >= 0; i--) push(doc[i]!, indent, flat);
    } else if (doc.kind === "indent") {
      push(doc.doc, indent + INDENT, flat);
    } else if (doc.kind === "group") {
      const fitting = flat || (!doc.broken && fits(doc.doc, stack, width - current.length));
      push(doc.doc, indent, fitting);
    } else if (doc.kind === "suffix") {
      held += doc.text;
    } else if (flat && !doc.hard) {
      current += doc.flat;
    } else {
      lines.push(current.trimEnd() + held);
      current = " ".repeat(indent);
      held = "";
    }
  }
  return [...lines, current.trimEnd() + held].join("\n");
}

/** Whether a flat doc, and what follows it up to the next line break, fits into the room. */
function fits(first: Doc, rest: Stack, room: number): boolean {
  const docs: Doc[] = [first];
  const flats: boolean[] = [true];
  let left = room;
  let below = rest.docs.length;
  while (left >= 0) {
    let doc = docs.pop();
    let flat = flats.pop()!;
    if (doc === undefined) {
      if (below === 0) return true;
      doc = rest.docs[--below]!;
      flat = rest.flats[below]!;
    }
    if (typeof doc === "string") left -= doc.length;
    else if (isList(doc))
      for (let i = doc.length - 1; i >= 0; i--) {
        docs.push(doc[i]!);
        flats.push(flat);
      }
    else if (doc.kind === "indent" || doc.kind === "group") {
      docs.push(doc.doc);
      flats.push(doc.kind === "group" ? flat && !doc.broken : flat);
    } else if (doc.kind === "line") {
      if (!flat || doc.hard) return true;
      left -= doc.flat.length;
    }
  }
  return false;
}
