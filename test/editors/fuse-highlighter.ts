import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

export interface Highlighted {
  readonly text: string;
  readonly line: number;
  /** UTF-16 units from the start of the text. */
  readonly start: number;
  /** From `source.fuse` inwards. */
  readonly scopes: readonly string[];
}

const FOLDER = "editors/vscode";
const { contributes } = JSON.parse(readFileSync(`${FOLDER}/package.json`, "utf8"));
const { path, scopeName } = contributes.grammars[0];

/** The grammar as the editor loads it: from the manifest, on the editor's own engine. */
export async function loadHighlighter(): Promise<(text: string) => Highlighted[]> {
  const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
  await oniguruma.loadWASM(readFileSync(wasm));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (name) => {
      const file = `${FOLDER}/${path}`;
      return name === scopeName ? textmate.parseRawGrammar(readFileSync(file, "utf8"), file) : null;
    },
  });
  const grammar = await registry.loadGrammar(scopeName);
  return (text) => highlight(grammar!, text);
}

function highlight(grammar: textmate.IGrammar, text: string): Highlighted[] {
  const found: Highlighted[] = [];
  let rules = textmate.INITIAL;
  let offset = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, rules);
    for (const { startIndex, endIndex, scopes } of tokens)
      found.push({
        text: line.slice(startIndex, endIndex),
        line: index + 1,
        start: offset + startIndex,
        scopes,
      });
    rules = ruleStack;
    offset += line.length + 1;
  }
  return found;
}
