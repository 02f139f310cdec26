import { writeFileSync } from "node:fs";
import { FUSE_GRAMMAR } from "./fuse-textmate-grammar.ts";

/** Writes the grammar where editors read it. */
writeFileSync(
  "editors/vscode/syntaxes/fuse.tmLanguage.json",
  `${JSON.stringify(FUSE_GRAMMAR, null, 2)}\n`,
);
