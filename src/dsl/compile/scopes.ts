import type { FuseFile, ImportNode, LetNode, RuleNode } from "../ast.ts";
import { didYouMean } from "../parse/messages.ts";
import { Remarks } from "../remarks.ts";
import type { Scope } from "./class-table.ts";

/** A file and its path below its rules directory, always with `/`. */
export interface PlacedFile {
  readonly path: string;
  readonly ast: FuseFile;
  /** 0 for the base, 1 for the first folder laid over it. */
  readonly layer: number;
  /** Tells it from all others: its path, with the folder in front where it lies above the base. */
  readonly name: string;
}

/** Scopes of library files by path, as seen from each layer: its own before those below. */
export type LibraryScopes = readonly ReadonlyMap<string, Scope>[];

export const isLibrary = ({ path }: PlacedFile): boolean => path.startsWith("lib/");

/** Files may import each other; only classes must not be cyclic. */
export function libraryScopes(files: readonly PlacedFile[]): LibraryScopes {
  const top = Math.max(0, ...files.map(({ layer }) => layer));
  const seen: ReadonlyMap<string, Scope>[] = [];
  for (let layer = 0; layer <= top; layer++)
    seen.push(
      layerScopes(
        files.filter((file) => file.layer === layer),
        seen.at(-1),
      ),
    );
  return seen;
}

function layerScopes(
  files: readonly PlacedFile[],
  below: ReadonlyMap<string, Scope> = new Map(),
): ReadonlyMap<string, Scope> {
  const scopes = new Map(below);
  const wiring: (() => void)[] = [];
  for (const { path, ast } of files.filter(isLibrary)) {
    const remarks = new Remarks(ast.file, []);
    const imports = new Map<string, Scope | null>();
    scopes.set(path, {
      prefix: path.slice("lib/".length).replace(/\.fuse$/, ""),
      remarks,
      lets: letsByName(letsOf(ast), remarks),
      imports,
      complete: ast.complete,
    });
    wiring.push(() => wire(ast.imports, scopes, imports, remarks));
  }
  for (const connect of wiring) connect();
  return scopes;
}

/** Scope of a rule: its own classes and those of its file, and what the file imports. */
export function ruleScope(
  file: FuseFile,
  rule: RuleNode,
  libraries: ReadonlyMap<string, Scope>,
  remarks: Remarks,
): Scope {
  const imports = new Map<string, Scope | null>();
  wire(file.imports, libraries, imports, remarks);
  return {
    prefix: rule.id.text,
    remarks,
    lets: letsByName([...letsOf(file), ...rule.lets], remarks),
    imports,
    complete: file.complete,
  };
}

const letsOf = ({ entries }: FuseFile): LetNode[] =>
  entries.filter((entry): entry is LetNode => entry.kind === "let");

function letsByName(lets: readonly LetNode[], remarks: Remarks): Map<string, LetNode> {
  const byName = new Map<string, LetNode>();
  for (const one of lets) {
    const { text, range } = one.name;
    const earlier = byName.get(text);
    if (earlier === undefined) byName.set(text, one);
    else
      remarks.error("duplicate-name", range, `class \`${text}\` is defined twice`, {
        related: [{ file: remarks.file, range: earlier.name.range, message: "first here" }],
      });
  }
  return byName;
}

function wire(
  imports: readonly ImportNode[],
  libraries: ReadonlyMap<string, Scope>,
  into: Map<string, Scope | null>,
  remarks: Remarks,
): void {
  for (const { path, alias } of imports) {
    const scope = libraries.get(path.text) ?? null;
    if (scope === null) {
      const message = `there is no library file "${path.text}"`;
      const hint = didYouMean(path.text, libraries.keys());
      remarks.error("broken-reference", path.range, message, {
        help: "the path counts from the rules directory and begins with lib/",
        ...hint,
      });
    }
    if (into.has(alias.text))
      remarks.error("duplicate-name", alias.range, `two files are imported as \`${alias.text}\``);
    else into.set(alias.text, scope);
  }
}
