import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { compareText } from "../base/compare-text.ts";
import { lintLoaded, readDictionary } from "../commands/rules/lint.ts";
import type { CheckContext } from "../dsl/checks/check.ts";
import { checkContext } from "../dsl/checks/check.ts";
import type { KernelDictionary } from "../dsl/checks/proofs/dictionary.ts";
import {
  compileTexts,
  type LoadedFile,
  type LoadedRules,
  parseTexts,
  withoutLock,
} from "../dsl/load-texts.ts";
import { type RuleText, type RuleTexts, readRuleTexts } from "../dsl/read-rule-texts.ts";
import { parseSourceLock, type ReadLock } from "../dsl/source-lock.ts";
import type { Diagnostic } from "../model/diagnostic.ts";

type Parsed = ReturnType<typeof parseTexts>;

/**
 * The rules of a directory as the editor has them: files on disk, and in their place the texts
 * that are open. A file is parsed again only when its text has changed.
 */
export class RuleWorkspace {
  readonly root: string;
  readonly #open = new Map<string, string>();
  readonly #parsed = new Map<string, { readonly text: string; readonly one: Parsed }>();
  #dictionary: Promise<KernelDictionary | null> | null = null;
  #lock: { readonly text: string; readonly read: ReadLock } | null = null;
  #loaded: LoadedRules | null = null;

  constructor(root: string) {
    this.root = root;
  }

  /** @param text null when the editor closes it. */
  set(file: string, text: string | null): void {
    if (text === null) this.#open.delete(resolve(file));
    else this.#open.set(resolve(file), text);
    this.#loaded = null;
  }

  /** All files, compiled; made again only after a change. */
  load(): LoadedRules {
    this.#loaded ??= this.#compile(this.#texts());
    return this.#loaded;
  }

  /** The file as it was parsed last. */
  fileAt(file: string): LoadedFile | null {
    const path = resolve(file);
    return this.load().files.find((one) => resolve(one.file) === path) ?? null;
  }

  async context(): Promise<CheckContext> {
    this.#dictionary ??= readDictionary(this.root);
    return checkContext(this.load(), null, await this.#dictionary);
  }

  /**
   * What lint says of the open files, their embedded tests run.
   *
   * @returns by absolute path; an open file without remarks has an empty list.
   */
  async diagnostics(): Promise<ReadonlyMap<string, readonly Diagnostic[]>> {
    const open = [...this.#open.keys()];
    const found = lintLoaded(await this.context(), (file) => open.includes(resolve(file)));
    return new Map(open.map((file) => [file, found.filter((one) => resolve(one.file) === file)]));
  }

  #compile(texts: RuleTexts): LoadedRules {
    const parts = texts.files.map((file) => this.#parse(file));
    const parsed = {
      files: parts.flatMap(({ files }) => files),
      works: parts.flatMap(({ works }) => works),
    };
    return compileTexts(this.root, texts, parsed, this.#readLock(texts));
  }

  #parse(file: RuleText): Parsed {
    const known = this.#parsed.get(file.file);
    if (known?.text === file.text) return known.one;
    const one = parseTexts({ files: [file], lock: null, digest: "" });
    this.#parsed.set(file.file, { text: file.text, one });
    return one;
  }

  #readLock({ lock }: RuleTexts): ReadLock {
    if (lock === null) return withoutLock(this.root);
    if (this.#lock?.text !== lock.text)
      this.#lock = { text: lock.text, read: parseSourceLock(lock.text, lock.file) };
    return this.#lock.read;
  }

  #texts(): RuleTexts {
    const onDisk = readRuleTexts(this.root);
    const files = onDisk.files.map((one) => {
      const text = this.#open.get(resolve(one.file));
      return text === undefined ? one : { ...one, text };
    });
    const known = new Set(files.map(({ file }) => resolve(file)));
    const unsaved = [...this.#open].flatMap(([file, text]) => {
      const path = relative(this.root, file).replaceAll("\\", "/");
      return known.has(file) || path.startsWith("..") ? [] : [{ path, file, text }];
    });
    const all = [...files, ...unsaved].sort((a, b) => compareText(a.path, b.path));
    return { ...onDisk, files: all };
  }
}

/** The directory of rules that a file belongs to: the nearest upwards that holds `lib`; its own folder where none does. */
export function rulesRootOf(file: string): string {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "lib")) && existsSync(join(folder, "fuse"))) return folder;
    if (dirname(folder) === folder) return dirname(resolve(file));
  }
}
