import { parseArgs } from "node:util";
import { nearestWord } from "../base/nearest.ts";
import { EXIT, TriageError } from "../model/errors.ts";

/** One option of a command: how it is written and what help says. */
export interface OptionSpec {
  /** Placeholder of its value ("FILE"); null for a switch. */
  readonly value: string | null;
  /** All values there are, where they are few. */
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly multiple?: true;
  readonly short?: string;
  /** Names that older habits use for the same; taken, but not in the help. */
  readonly aliases?: readonly string[];
  /** Taken for the sake of older habits, and not in the help. */
  readonly hidden?: true;
  readonly help: string;
  /** Heading it stands under in the help. */
  readonly group: string;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What was given, by option name without dashes. */
export interface GivenOptions<Specs extends OptionSpecs> {
  has(name: keyof Specs & string): boolean;
  /** Last value given, null when the option was not. */
  text(name: keyof Specs & string): string | null;
  /** All values given, in order. */
  all(name: keyof Specs & string): readonly string[];
  readonly positionals: readonly string[];
}

/**
 * Reads a command line against its specs.
 *
 * @throws {TriageError} usage/unknown-option, usage/missing-value, usage/unexpected-value.
 */
export function parseOptions<Specs extends OptionSpecs>(
  args: readonly string[],
  specs: Specs,
  command: string,
): GivenOptions<Specs> {
  const names = new Map(
    Object.entries<OptionSpec>(specs).flatMap(([name, { aliases = [] }]) =>
      [name, ...aliases].map((known) => [known, name] as const),
    ),
  );
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      [...names].map(([known, name]) => {
        const { value, short } = specs[name]!;
        const type = value === null ? ("boolean" as const) : ("string" as const);
        return [known, { type, ...(short === undefined || known !== name ? {} : { short }) }];
      }),
    ),
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const name = names.get(token.name);
    if (name === undefined) throw unknownOption(token.rawName, names.keys(), command);
    const spec = specs[name]!;
    const list = values.get(name) ?? [];
    values.set(name, list);
    if (spec.value === null) {
      if (token.value !== undefined)
        throw usage("unexpected-value", `${token.rawName} takes no value.`, command);
      continue;
    }
    // "--format --rank 0" means a forgotten value; "--offset -1" means a number below zero.
    const looksForgotten =
      token.inlineValue === false && token.value !== "-" && /^-\D/.test(token.value ?? "");
    if (token.value === undefined || looksForgotten)
      throw usage("missing-value", `${token.rawName} needs a value: ${spec.value}.`, command);
    list.push(token.value);
  }
  return {
    has: (name) => values.has(name),
    text: (name) => values.get(name)?.at(-1) ?? null,
    all: (name) => values.get(name) ?? [],
    positionals,
  };
}

function unknownOption(given: string, known: Iterable<string>, command: string): TriageError {
  const near = nearestWord(given.replace(/^-+/, ""), known);
  const meant = near === null ? "" : ` Did you mean --${near}?`;
  return usage("unknown-option", `Unknown option ${given}.${meant}`, command);
}

/** An error about how the command was called. */
export function usage(code: string, message: string, command: string): TriageError {
  return new TriageError({
    code: `usage/${code}`,
    exit: EXIT.usage,
    message,
    hint: `see ${command} --help`,
  });
}
