/** A type in two halves, because function and array types wrap around what points to them. */
export interface Type {
  readonly left: string;
  readonly right: string;
  /** A function or array that nothing points to yet: the next `*` or `&` needs parentheses. */
  readonly bare: boolean;
}

export type Argument = { readonly type: Type } | { readonly pack: readonly Argument[] };

export function plain(text: string): Type {
  return { left: text, right: "", bare: false };
}

export function print(type: Type): string {
  return type.left + type.right;
}

export function spell(argument: Argument): string {
  return "type" in argument ? print(argument.type) : argument.pack.map(spell).join(", ");
}

export function isEmptyPack(argument: Argument): boolean {
  return "pack" in argument && argument.pack.length === 0;
}

export function asType(argument: Argument): Type {
  return "type" in argument ? argument.type : plain(spell(argument));
}

export function pointing(type: Type, sign: string): Type {
  if (type.bare) {
    const right = type.right.startsWith("[") ? `) ${type.right}` : `)${type.right}`;
    return { left: `${type.left}(${sign}`, right, bare: false };
  }
  return { ...type, left: collapsed(type.left, sign) };
}

/** A reference to a reference is the weaker of the two. */
function collapsed(left: string, sign: string): string {
  if (sign === "*" || !left.endsWith("&")) return left + sign;
  return sign === "&" ? left.replace(/&+$/, "&") : left;
}

export function qualified(type: Type, qualifiers: string): Type {
  if (!type.bare) return { ...type, left: type.left + qualifiers };
  if (!type.right.startsWith("[")) return { ...type, right: type.right + qualifiers };
  return { ...type, left: `${type.left.trimEnd()}${qualifiers} ` };
}
