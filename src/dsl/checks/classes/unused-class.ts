import type { Check } from "../check.ts";
import { letsOf, patternRefsOf, refsOf } from "../proofs/class-walk.ts";

/** unused-class. In rule files only: a library offers more than one rule base uses. */
export const unusedClasses: Check = {
  code: "unused-class",
  *run({ loaded }) {
    for (const { ast, file, path } of loaded.files) {
      if (path.startsWith("lib/") || !ast.complete) continue;
      const lets = letsOf(ast);
      const rule = ast.rules[0]?.id.text;
      const refs = [
        ...ast.rules.flatMap(patternRefsOf),
        ...lets.flatMap(({ expr }) => [...refsOf(expr)]),
      ];
      const names = new Set(refs.filter((it) => it.module === null).map(({ name }) => name.text));
      const modules = new Set(refs.map(({ module }) => module?.text));
      const remark = { file, ...(rule === undefined ? {} : { rule }) };
      for (const { name } of lets)
        if (!names.has(name.text))
          yield {
            ...remark,
            range: name.range,
            message: `class \`${name.text}\` is used nowhere`,
            help: "remove it",
          };
      for (const { alias, path: from } of ast.imports)
        if (!modules.has(alias.text))
          yield {
            ...remark,
            range: alias.range,
            message: `nothing of "${from.text}" is used`,
            help: "remove the import",
          };
    }
  },
};
