import type { Check } from "../check.ts";

/** todo-left. The frame that `rules new` writes says TODO wherever something is to be filled in. */
export const todosLeft: Check = {
  code: "todo-left",
  *run({ loaded }) {
    for (const { ast, file, text } of loaded.files) {
      const rule = ast.rules[0]?.id.text;
      if (rule === undefined) continue;
      const places = [...text.matchAll(/TODO/g)].map(({ index }) => index);
      const [start] = places;
      if (start === undefined) continue;
      const before = text.slice(0, start).split("\n");
      const others = places.length - 1;
      yield {
        file,
        rule,
        range: { start, end: start + 4, line: before.length, column: before.at(-1)!.length + 1 },
        message:
          others === 0
            ? "something is still to be filled in"
            : `${others + 1} places are still to be filled in`,
        help: "write what the place asks for, or remove it",
      };
    }
  },
};
