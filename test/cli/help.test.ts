import { expect, test } from "vitest";
import { helpText } from "../../src/cli/terminal/help.ts";

test("a help page folds long texts under themselves", () => {
  const page = helpText(
    {
      usage: ["tool FILE"],
      summary: "Does things.",
      options: {
        force: {
          value: null,
          short: "f",
          group: "One",
          help: "Do it anyway, whatever the consequences may be.",
        },
        "a-rather-long-option": { value: "VALUE", group: "Two", help: "Short." },
      },
      sections: [{ title: "Examples", lines: ["tool x"] }],
    },
    56,
    false,
  );
  expect(page).toMatchInlineSnapshot(`
    "Usage
      tool FILE

    Does things.

    One
      -f, --force              Do it anyway, whatever the
                               consequences may be.

    Two
      --a-rather-long-option VALUE
                               Short.

    Examples
      tool x
    "
  `);
});
