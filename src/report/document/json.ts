import { packageText } from "../../base/files/package-files.ts";
import { inertJson } from "./inert.ts";

/** Node of a JSON Schema, as far as it orders and rounds. */
interface SchemaNode {
  readonly $ref?: string;
  readonly anyOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

/** Schemas of what `--format json` prints, in `references/NAME.schema.json`. */
export type SchemaName = "report" | "diff" | "ranks" | "fleet" | "explanation" | "rule-explanation";

/** The value as JSON text as its schema spells it, safe to print. */
export function jsonText(value: unknown, name: SchemaName): string {
  return `${inertJson(JSON.stringify(asContract(value, name), null, 2))}\n`;
}

/**
 * The value as its schema spells it: keys in the schema's order and no others, times rounded to
 * whole nanoseconds, percentages to four decimals, ratios to six. What the schema leaves open, such
 * as server arguments, stays as it is.
 */
export function asContract(value: unknown, name: SchemaName): unknown {
  const schema = schemaOf(name);
  return arrange(value, schema, "", schema.$defs ?? {});
}

const schemas = new Map<SchemaName, SchemaNode>();

function schemaOf(name: SchemaName): SchemaNode {
  let schema = schemas.get(name);
  if (schema === undefined) {
    schema = JSON.parse(packageText(`references/${name}.schema.json`)) as SchemaNode;
    schemas.set(name, schema);
  }
  return schema;
}

function arrange(value: unknown, written: SchemaNode, key: string, defs: Defs): unknown {
  if (typeof value === "number") return round(value, key, written);
  if (typeof value !== "object" || value === null) return value;
  const node = resolved(written, defs);
  if (Array.isArray(value))
    return node.items === undefined
      ? value
      : value.map((one) => arrange(one, node.items!, key, defs));
  if (node.properties === undefined) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(node.properties).map(([name, inner]) => [
      name,
      arrange(fields[name], inner, name, defs),
    ]),
  );
}

type Defs = Readonly<Record<string, SchemaNode>>;

/** The node that says what an object or a list holds; of alternatives the one that is not null. */
function resolved(node: SchemaNode, defs: Defs): SchemaNode {
  if (node.$ref !== undefined) return resolved(defs[node.$ref.split("/").at(-1)!]!, defs);
  const inner = [...(node.allOf ?? []), ...(node.anyOf ?? [])].map((one) => resolved(one, defs));
  return inner.find((one) => one.properties !== undefined || one.items !== undefined) ?? node;
}

/** Never -0: it would print as a difference that is none. */
function round(value: number, key: string, { $ref, allOf }: SchemaNode): number {
  const unit = $ref ?? allOf?.[0]?.$ref ?? "";
  const isTime = key === "us" || key.endsWith("Us");
  const isPct = /pct/i.test(key) || unit.endsWith("/percent");
  return Number(value.toFixed(isTime ? 3 : isPct ? 4 : 6)) + 0;
}
