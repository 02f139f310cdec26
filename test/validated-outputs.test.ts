import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exampleNames, exampleReport, VALIDATED_OUTPUTS } from "./support/validated-outputs.ts";

test("every example has its report and every report its example", () => {
  expect(readdirSync(VALIDATED_OUTPUTS).sort()).toEqual(
    [...exampleNames().map((name) => `${name}.md`), "README.md"].sort(),
  );
});

test.each(exampleNames())(
  "%s reads as it did (npm run outputs writes the reports again)",
  async (name) => {
    expect(await exampleReport(name)).toBe(
      readFileSync(join(VALIDATED_OUTPUTS, `${name}.md`), "utf8"),
    );
  },
);
