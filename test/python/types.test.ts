import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dataclassModule, snake } from "../../scripts/python-dataclasses.ts";
import { pythonTypes } from "../../scripts/python-types.ts";

test.each([...pythonTypes()])(
  "%s is what `npm run python:types` makes of the schema",
  (path, text) => {
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);

test("each kind of schema has its type, and its way from JSON", () => {
  const text = dataclassModule(
    {
      $defs: { row: { type: "object", required: ["us"], properties: { us: { type: "number" } } } },
      type: "object",
      required: ["schemaVersion", "rows", "best", "from", "kind"],
      properties: {
        schemaVersion: { const: 3 },
        rows: { type: "array", items: { $ref: "#/$defs/row" } },
        best: { anyOf: [{ $ref: "#/$defs/row" }, { type: "null" }], description: "The first." },
        from: { type: ["string", "null"] },
        kind: { enum: ["a", "b", null] },
        pctOfStep: { type: ["integer", "string"] },
        inner: { type: "object", properties: { open: { type: "object" } }, required: ["open"] },
      },
    },
    "Root",
    "x.schema.json",
  );
  expect(text).toContain("SCHEMA_VERSION = 3");
  expect(text).toContain("    rows: list[Row]\n");
  expect(text).toContain('    best: Row | None\n    """The first."""\n');
  expect(text).toContain("    from_: str | None\n");
  expect(text).toContain('    kind: Literal["a", "b"] | None\n');
  expect(text).toContain("    pct_of_step: int | str | None = None\n");
  expect(text).toContain("    inner: Inner | None = None\n");
  expect(text).toContain("    open: dict[str, Any]\n");
  expect(text).toContain('rows=[Row.from_json(item) for item in data["rows"]],');
  expect(text).toContain('best=None if data["best"] is None else Row.from_json(data["best"]),');
  expect(text).toContain('pct_of_step=data.get("pctOfStep"),');
});

test("what the generator does not know stops it", () => {
  const schema = { type: "object", properties: { x: { anyOf: [{}, {}] } }, required: ["x"] };
  expect(() => dataclassModule(schema, "Root", "x")).toThrow("no Python type");
});

test.each([
  ["pctOfStep", "pct_of_step"],
  ["graph-capture", "graph_capture"],
  ["from", "from_"],
  ["us", "us"],
])("%s is called %s", (json, python) => {
  expect(snake(json)).toBe(python);
});
