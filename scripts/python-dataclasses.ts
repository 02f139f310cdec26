/** The part of JSON Schema that our schemas use. */
export interface Schema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | null)[];
  readonly const?: string | number;
  readonly $ref?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** A type as Python writes it, and the expression that makes it of what `json.load` gives. */
interface PythonType {
  readonly type: string;
  /** Of the raw value, as an expression; the name itself where nothing is to be done. */
  from(value: string): string;
}

const SCALARS: Readonly<Record<string, string>> = {
  string: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
  object: "dict[str, Any]",
};
/** `from`, `class` …: words of the language that a field cannot be called. */
const KEYWORDS = new Set([
  "from",
  "class",
  "global",
  "in",
  "is",
  "not",
  "or",
  "and",
  "pass",
  "def",
]);

/**
 * A Python module of frozen dataclasses for one schema, in the order in which they need each other.
 *
 * @param root name of the class for the whole document
 * @param source path of the schema, for the module's head
 * @throws {Error} for what the schema uses and this does not know
 */
export function dataclassModule(schema: Schema, root: string, source: string): string {
  const classes = new Map<string, string>();
  const definitions = schema.$defs ?? {};

  const typeOf = (node: Schema, name: string): PythonType => {
    if (node.$ref !== undefined) {
      const definition = node.$ref.replace("#/$defs/", "");
      return typeOf(definitions[definition]!, pascal(definition));
    }
    if (node.const !== undefined) return plain(`Literal[${JSON.stringify(node.const)}]`);
    if (node.allOf?.length === 1) return typeOf(node.allOf[0]!, name);
    const choices = (node.anyOf ?? []).filter(({ type }) => type !== "null");
    if (choices.length === 1) return orNone(typeOf(choices[0]!, name));
    if (node.enum !== undefined) return literal(node.enum);
    if (Array.isArray(node.type)) {
      const others = node.type.filter((one) => one !== "null");
      const [only] = others;
      const type =
        others.length === 1
          ? typeOf({ ...node, type: only! }, name)
          : plain(others.map((one) => SCALARS[one] ?? unknown(node, name)).join(" | "));
      return others.length < node.type.length ? orNone(type) : type;
    }
    if (node.type === "array") return listOf(typeOf(node.items ?? {}, singular(name)));
    if (node.type === "object" && node.properties !== undefined) return dataclass(node, name);
    const scalar = SCALARS[node.type as string];
    return scalar === undefined ? unknown(node, name) : plain(scalar);
  };

  const dataclass = (node: Schema, name: string): PythonType => {
    const known: PythonType = { type: name, from: (value) => `${name}.from_json(${value})` };
    if (classes.has(name)) {
      if (classes.get(name) !== "" && !isDefinition(name)) throw new Error(`two classes ${name}`);
      return known;
    }
    classes.set(name, "");
    const inner = name === root ? "" : name;
    const text = classText(node, name, (field, key) => typeOf(field, inner + pascal(key)));
    // Behind what it is made of.
    classes.delete(name);
    classes.set(name, text);
    return known;
  };
  const isDefinition = (name: string): boolean =>
    Object.keys(definitions).some((key) => pascal(key) === name);

  dataclass(schema, root);
  const version = schema.properties?.schemaVersion?.const;
  return `${[head(source, root, version), ...classes.values()].join("\n\n\n")}\n`;
}

function head(source: string, root: string, version: Schema["const"]): string {
  return [
    `"""Generated from ${source} by \`npm run python:types\`: do not edit."""`,
    "",
    "from __future__ import annotations",
    "",
    "from dataclasses import dataclass",
    "from typing import Any, Literal",
    "",
    `__all__ = ["${root}"]`,
    ...(version === undefined ? [] : ["", `SCHEMA_VERSION = ${version}`]),
  ].join("\n");
}

function classText(
  { properties = {}, required = [], description }: Schema,
  name: string,
  typeOf: (field: Schema, key: string) => PythonType,
): string {
  const fields = Object.entries(properties).map(([key, field]) => {
    const type = typeOf(field, key);
    return { key, type, isRequired: required.includes(key), description: field.description };
  });
  // What may be missing has a default, and Python wants those last.
  fields.sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
  const lines = fields.flatMap(({ key, type, isRequired, description: says }) => [
    `    ${snake(key)}: ${isRequired ? type.type : `${orNone(type).type} = None`}`,
    ...docstring(says),
  ]);
  const makes = fields.map(({ key, type, isRequired }) => {
    const value = isRequired ? `data[${JSON.stringify(key)}]` : `data.get(${JSON.stringify(key)})`;
    return `            ${snake(key)}=${(isRequired ? type : orNone(type)).from(value)},`;
  });
  return [
    "@dataclass(frozen=True)",
    `class ${name}:`,
    ...(description === undefined ? [] : [...docstring(description), ""]),
    ...lines,
    "",
    "    @classmethod",
    `    def from_json(cls, data: dict[str, Any]) -> ${name}:`,
    "        return cls(",
    ...makes,
    "        )",
  ].join("\n");
}

function docstring(text: string | undefined): string[] {
  return text === undefined ? [] : [`    ${pythonDocstring(text)}`];
}

function pythonDocstring(text: string): string {
  return `"""${text.replaceAll("\\", "\\\\").replaceAll('"""', "'''")}${text.endsWith('"') ? " " : ""}"""`;
}

function plain(type: string): PythonType {
  return { type, from: (value) => value };
}

function literal(values: readonly (string | null)[]): PythonType {
  const words = values.filter((value) => value !== null).map((value) => JSON.stringify(value));
  const type = plain(`Literal[${words.join(", ")}]`);
  return words.length === values.length ? type : orNone(type);
}

function orNone(type: PythonType): PythonType {
  if (type.type.endsWith(" | None")) return type;
  const from = (value: string): string =>
    type.from(value) === value ? value : `None if ${value} is None else ${type.from(value)}`;
  return { type: `${type.type} | None`, from };
}

function listOf(item: PythonType): PythonType {
  const from = (value: string): string => {
    const made = item.from("item");
    return made === "item" ? value : `[${made} for item in ${value}]`;
  };
  return { type: `list[${item.type}]`, from };
}

function unknown(node: Schema, name: string): never {
  throw new Error(`${name}: no Python type for ${JSON.stringify(node).slice(0, 200)}`);
}

function pascal(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}

/** "pctOfStep" → "pct_of_step". */
export function snake(name: string): string {
  const word = name.replaceAll("-", "_").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return KEYWORDS.has(word) ? `${word}_` : word;
}

/** What one item of a list is called: "losses" → "loss", "stages" → "stage". */
function singular(name: string): string {
  if (/(ss|ch|sh)es$/.test(name)) return name.slice(0, -2);
  if (name.endsWith("ies")) return `${name.slice(0, -3)}y`;
  return name.endsWith("s") ? name.slice(0, -1) : name;
}
