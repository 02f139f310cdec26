import {
  type Argument,
  asType,
  isEmptyPack,
  plain,
  pointing,
  print,
  qualified,
  spell,
  type Type,
} from "./cpp-type.ts";
import { BUILTIN_TYPES, OPERATORS, STANDARD_NAMES } from "./demangle-tables.ts";
import { MangledText, NotCovered } from "./mangled-text.ts";

/**
 * The name of an Itanium-mangled function (`_ZN…`) with its template arguments, spelled as GNU
 * c++filt spells it, without return type and parameters: what recorders write for the kernels they
 * can demangle themselves. Covers what device code uses; null for anything else.
 *
 * @see https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling
 */
export function demangle(mangled: string): string | null {
  if (!mangled.startsWith("_Z")) return null;
  try {
    return new Demangler(mangled.slice(2)).encodingName();
  } catch (error) {
    if (error instanceof NotCovered || error instanceof RangeError) return null;
    throw error;
  }
}

const LONGEST = 100_000;

class Demangler extends MangledText {
  readonly #substitutions: Argument[] = [];
  /** Arguments that `T_`, `T0_` stand for: those of the function being read, not of types in it. */
  #templateArguments: Argument[] = [];
  #inFunctionName = true;
  /** ` const` and the like of the member function read last: written behind its parameters. */
  #memberQualifiers = "";
  #written = 0;

  encodingName(): string {
    return this.#name();
  }

  #name(): string {
    this.#memberQualifiers = "";
    if (this.take("N")) return this.#nestedName();
    if (this.take("Z")) return this.#localName();
    if (this.peek("S") && !this.peek("St")) return this.#templated(spell(this.#substitution()));
    const name = this.#unscopedName();
    if (!this.peek("I")) return name;
    this.#remember(name);
    return this.#templated(name);
  }

  #unscopedName(): string {
    if (this.take("St")) return `std::${this.#unqualifiedName("std")}`;
    return this.#unqualifiedName("");
  }

  #templated(name: string): string {
    if (!this.peek("I")) return name;
    // `operator<` and its arguments would run together.
    return name + (name.endsWith("<") ? " " : "") + this.#templateArgumentList();
  }

  #nestedName(): string {
    const qualifiers = this.#qualifiers();
    const reference = this.take("R") ? " &" : this.take("O") ? " &&" : "";
    let prefix = "";
    while (!this.take("E")) {
      if (this.take("St")) {
        prefix = "std";
        continue;
      }
      if (this.peek("S")) prefix = spell(this.#substitution());
      else {
        prefix = this.#prefixPart(prefix);
        this.#remember(prefix);
      }
    }
    // The whole name is no prefix of anything; as a type it is remembered by `type`.
    this.#substitutions.pop();
    this.#memberQualifiers = qualifiers + reference;
    return prefix;
  }

  #prefixPart(prefix: string): string {
    if (this.peek("I")) return this.#templated(prefix);
    if (this.peek("T")) return spell(this.#templateParameter());
    if (this.peek("DT") || this.peek("Dt")) return print(this.#type());
    const part = this.#unqualifiedName(prefix);
    return prefix === "" ? part : `${prefix}::${part}`;
  }

  #localName(): string {
    const outer = this.#templateArguments;
    const name = this.#functionName();
    const parameters = this.peek("E") ? "" : this.#functionParameters(name);
    this.expect("E");
    this.#templateArguments = outer;
    if (this.take("s")) {
      this.#discriminator();
      return `${name}${parameters}::string literal`;
    }
    if (this.take("d")) {
      if (!this.peek("_")) this.number();
      this.expect("_");
    }
    const inner = this.#name();
    this.#discriminator();
    return `${name}${parameters}::${inner}`;
  }

  #discriminator(): void {
    const found = /^(_\d|__\d+_)/.exec(this.text.slice(this.at, this.at + 16));
    if (found !== null) this.at += found[0].length;
  }

  /** Parameters of a function; the return type in front is written for templates only. */
  #functionParameters(name: string): string {
    const qualifiers = this.#memberQualifiers;
    if (name.endsWith(">") && !/::~?\w+$/.test(name) && !this.#isConversion(name)) this.#type();
    return `(${this.#typesUntil("E")
      .join(", ")
      .replace(/^void$/, "")})${qualifiers}`;
  }

  #isConversion(name: string): boolean {
    return /operator [\w:<>, ]+$/.test(name);
  }

  #typesUntil(end: string): string[] {
    const types: string[] = [];
    while (this.at < this.text.length && !this.peek(end)) {
      const text = print(this.#type());
      if (text !== "") types.push(text);
    }
    return types;
  }

  #unqualifiedName(prefix: string): string {
    this.take("L");
    const next = this.text[this.at] ?? "";
    let name: string;
    if (next >= "1" && next <= "9") name = this.#sourceName();
    else if (this.take("Ul")) name = this.#lambda();
    else if (this.take("Ut")) name = `{unnamed type#${this.#ordinal()}}`;
    else if (this.peek("C") || this.peek("D")) name = this.#structorName(prefix);
    else name = this.#operatorName();
    while (this.take("B")) name += `[abi:${this.#sourceName()}]`;
    return name;
  }

  #sourceName(): string {
    const length = this.number();
    const name = this.text.slice(this.at, this.at + length);
    if (length <= 0 || name.length !== length) throw new NotCovered();
    this.at += length;
    return name.startsWith("_GLOBAL__N") ? "(anonymous namespace)" : name;
  }

  #lambda(): string {
    const parameters = this.#typesUntil("E");
    this.expect("E");
    return `{lambda(${parameters.join(", ").replace(/^void$/, "")})#${this.#ordinal()}}`;
  }

  /** `_` is the first, `0_` the second. */
  #ordinal(): number {
    const number = this.peek("_") ? 1 : this.number() + 2;
    this.expect("_");
    return number;
  }

  #structorName(prefix: string): string {
    const found = /^(CI?[1-5]|D[0-5])/.exec(this.text.slice(this.at, this.at + 3));
    if (found === null) throw new NotCovered();
    this.at += found[0].length;
    if (found[0].startsWith("CI")) this.#type();
    const base = withoutArguments(prefix).split("::").at(-1)!;
    return found[0].startsWith("C") ? base : `~${base}`;
  }

  #operatorName(): string {
    if (this.take("cv")) return `operator ${print(this.#type())}`;
    if (this.take("li")) return `operator"" ${this.#sourceName()}`;
    const operator = OPERATORS[this.text.slice(this.at, this.at + 2)];
    if (operator === undefined) throw new NotCovered();
    this.at += 2;
    return /^[a-z]/.test(operator) ? `operator ${operator}` : `operator${operator}`;
  }

  #templateArgumentList(): string {
    this.expect("I");
    const own: Argument[] = [];
    const ofFunction = this.#inFunctionName;
    // An argument may name the ones before it, so the list counts from its start.
    if (ofFunction) this.#templateArguments = own;
    this.#inFunctionName = false;
    while (!this.take("E")) own.push(this.#templateArgument());
    this.#inFunctionName = ofFunction;
    const list = own.filter((argument) => !isEmptyPack(argument)).map(spell);
    const space = own.length > 0 && spell(own.at(-1)!).endsWith(">") ? " " : "";
    return this.#counted(`<${list.join(", ")}${space}>`);
  }

  #templateArgument(): Argument {
    if (this.take("J")) {
      const pack: Argument[] = [];
      while (!this.take("E")) pack.push(this.#templateArgument());
      return { pack };
    }
    // A parameter declaration says what kind follows; only what follows is shown.
    if (this.take("Tn")) {
      this.#type();
      return this.#templateArgument();
    }
    if (this.take("Ty")) return this.#templateArgument();
    if (this.take("L")) return { type: plain(this.#literal()) };
    if (this.take("X")) {
      const text = this.#expression();
      this.expect("E");
      return { type: plain(text) };
    }
    return { type: this.#type() };
  }

  #literal(): string {
    if (this.take("_Z") || this.take("Z")) {
      const text = this.#encoding();
      this.expect("E");
      return text;
    }
    const code = this.text[this.at] ?? "";
    const type = print(this.#type());
    const end = this.text.indexOf("E", this.at);
    if (end < 0) throw new NotCovered();
    const value = this.text.slice(this.at, end).replace(/^n/, "-");
    this.at = end + 1;
    if (code === "b" && value !== "") return value === "0" ? "false" : "true";
    const suffix = { i: "", j: "u", l: "l", m: "ul", x: "ll", y: "ull" }[code];
    return suffix === undefined ? `(${type})${value}` : value + suffix;
  }

  /** A function as an expression shows it: with parameters, without return type. */
  #encoding(): string {
    const outer = this.#templateArguments;
    const name = this.#functionName();
    const text = this.peek("E") ? name : name + this.#functionParameters(name);
    this.#templateArguments = outer;
    return text;
  }

  #functionName(): string {
    const outside = this.#inFunctionName;
    this.#inFunctionName = true;
    const name = this.#name();
    this.#inFunctionName = outside;
    return name;
  }

  #expression(): string {
    if (this.take("L")) return this.#literal();
    if (this.peek("T")) return spell(this.#templateParameter());
    if (this.take("sZ")) return `sizeof...(${spell(this.#templateParameter())})`;
    if (this.take("st")) return `sizeof (${print(this.#type())})`;
    if (this.take("sp")) return `${this.#expression()}...`;
    if (this.take("sr"))
      return `${print(this.#type())}::${this.#templated(this.#unqualifiedName(""))}`;
    if (this.take("cl")) return this.#call();
    const code = this.text.slice(this.at, this.at + 2);
    const operator = OPERATORS[code];
    if (operator === undefined) return this.#unscopedName();
    this.at += 2;
    if (code === "qu") {
      return `(${this.#expression()})?(${this.#expression()}) : (${this.#expression()})`;
    }
    if (/^(ad|de|ng|ps|nt|co)$/.test(code)) {
      const operand = this.#expression();
      return code === "ad" ? `&(${operand})` : `${operator}(${operand})`;
    }
    return `(${this.#expression()})${operator}(${this.#expression()})`;
  }

  #call(): string {
    const callee = this.#expression();
    const values: string[] = [];
    while (!this.take("E")) values.push(this.#expression());
    return `${callee}(${values.join(", ")})`;
  }

  #type(): Type {
    const outside = this.#inFunctionName;
    this.#inFunctionName = false;
    const type = this.#anyType();
    this.#inFunctionName = outside;
    return type;
  }

  #anyType(): Type {
    const next = this.text[this.at] ?? "";
    const builtin = this.#builtinType();
    if (builtin !== null) return plain(builtin);
    if (next === "T" && !/^T[sue]/.test(this.text.slice(this.at, this.at + 2))) {
      return this.#parameterType();
    }
    if (next === "S" && !this.peek("St")) return this.#substitutedType();
    const type = this.#newType(next);
    this.#substitutions.push({ type });
    return type;
  }

  /** A template parameter; with arguments of its own it is a template template parameter. */
  #parameterType(): Type {
    const parameter = this.#templateParameter();
    this.#substitutions.push(parameter);
    if (!this.peek("I")) return asType(parameter);
    return this.#remember(spell(parameter) + this.#templateArgumentList());
  }

  #substitutedType(): Type {
    const known = this.#substitution();
    if (!this.peek("I")) return asType(known);
    return this.#remember(spell(known) + this.#templateArgumentList());
  }

  #newType(next: string): Type {
    if (next === "r" || next === "V" || next === "K") {
      const qualifiers = this.#qualifiers();
      return qualified(this.#type(), qualifiers);
    }
    if (this.take("P")) return pointing(this.#type(), "*");
    if (this.take("R")) return pointing(this.#type(), "&");
    if (this.take("O")) return pointing(this.#type(), "&&");
    if (this.take("F")) return this.#functionType();
    if (this.take("A")) return this.#arrayType();
    if (this.take("M")) return this.#memberPointer();
    if (this.take("Dp")) return this.#packExpansion();
    if (this.take("DT") || this.take("Dt")) return this.#decltype();
    if (this.take("Dv")) return this.#vectorType();
    if (this.take("u")) return plain(this.#sourceName());
    this.take("Ts");
    this.take("Te");
    return plain(this.#name());
  }

  #functionType(): Type {
    this.take("Y");
    const result = this.#type();
    const parameters = this.#typesUntil("E")
      .join(", ")
      .replace(/^void$/, "");
    this.expect("E");
    return { left: `${result.left} `, right: `(${parameters})${result.right}`, bare: true };
  }

  #arrayType(): Type {
    const found = /^\d+/.exec(this.text.slice(this.at, this.at + 20));
    let size = "";
    if (found !== null) {
      size = found[0];
      this.at += size.length;
    } else if (!this.peek("_")) size = this.#expression();
    this.expect("_");
    const element = this.#type();
    // A row of a matrix joins its brackets without a blank.
    const right = element.bare ? element.right.trimStart() : element.right;
    return {
      left: element.bare ? element.left : `${element.left} `,
      right: `[${size}]${right}`,
      bare: true,
    };
  }

  #memberPointer(): Type {
    const owner = print(this.#type());
    const member = this.#type();
    if (!member.bare) return plain(`${print(member)} ${owner}::*`);
    return { left: `${member.left}(${owner}::*`, right: `)${member.right}`, bare: false };
  }

  #packExpansion(): Type {
    const type = this.#type();
    return plain(print(type));
  }

  #decltype(): Type {
    const text = this.#expression();
    this.expect("E");
    return plain(`decltype (${text})`);
  }

  #vectorType(): Type {
    const size = this.number();
    this.expect("_");
    return plain(`${print(this.#type())} __vector(${size})`);
  }

  #qualifiers(): string {
    let text = "";
    if (this.take("r")) text = ` __restrict${text}`;
    if (this.take("V")) text = ` volatile${text}`;
    if (this.take("K")) text = ` const${text}`;
    return text;
  }

  #builtinType(): string | null {
    const extended = /^DF(\d+)(_|b|x)/.exec(this.text.slice(this.at, this.at + 8));
    if (extended !== null) {
      this.at += extended[0].length;
      if (extended[2] === "b") return `std::bfloat${extended[1]}_t`;
      return `_Float${extended[1]}${extended[2] === "x" ? "x" : ""}`;
    }
    const next = this.text[this.at] ?? "";
    const code = next === "D" ? this.text.slice(this.at, this.at + 2) : next;
    const name = BUILTIN_TYPES[code];
    if (name === undefined) return null;
    this.at += code.length;
    return name;
  }

  #substitution(): Argument {
    this.expect("S");
    const letter = this.text[this.at] ?? "";
    const standard = STANDARD_NAMES[letter];
    if (standard !== undefined) {
      this.at++;
      // Followed by a constructor or destructor the abbreviation is spelled out.
      return { type: plain(standard) };
    }
    const index = this.peek("_") ? 0 : this.base36() + 1;
    this.expect("_");
    const known = this.#substitutions[index];
    if (known === undefined) throw new NotCovered();
    this.#counted(spell(known));
    return known;
  }

  #templateParameter(): Argument {
    this.expect("T");
    const index = this.peek("_") ? 0 : this.number() + 1;
    this.expect("_");
    const argument = this.#templateArguments[index];
    if (argument === undefined) throw new NotCovered();
    return argument;
  }

  #remember(name: string): Type {
    const type = plain(name);
    this.#substitutions.push({ type });
    return type;
  }

  /** Substitutions can double a name with every letter: give up before it fills the memory. */
  #counted(text: string): string {
    this.#written += text.length;
    if (this.#written > LONGEST) throw new NotCovered();
    return text;
  }
}

/** `a::b<c<d> >` → `a::b`. */
function withoutArguments(name: string): string {
  if (!name.endsWith(">")) return name;
  let depth = 0;
  for (let i = name.length - 1; i >= 0; i--) {
    if (name[i] === ">") depth++;
    if (name[i] === "<" && --depth === 0) return name.slice(0, i).trimEnd();
  }
  return name;
}
