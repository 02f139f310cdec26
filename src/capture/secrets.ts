import { isObject } from "../base/is-object.ts";

const REDACTED = "<redacted>";

/**
 * A copy of `value` without secrets: values under secret names, values of secret-named flags in
 * command lines (texts and argument lists), passwords in addresses, and, wherever else they stand,
 * the given key and every value that stood under a secret name.
 */
export function withoutSecrets(value: unknown, apiKey: string | null): unknown {
  const known = new Set<string>(apiKey === null ? [] : [apiKey]);
  collect(value, false, known);
  return clean(value, hiderOf(known));
}

/**
 * Cleans one line after the other of what a program writes that was started with these arguments
 * and this environment: as {@link withoutSecrets} does, and without the secrets it was given.
 */
export function lineCleaner(launch: {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}): (line: string) => string {
  const known = new Set<string>();
  collect(launch, false, known);
  const hide = hiderOf(known);
  return (line) => cleanText(line, hide);
}

/** `text` without the key, also where JSON had to escape it. Short keys go as whole words only. */
export function withoutKey(text: string, apiKey: string | null): string {
  return apiKey === null ? text : hiderOf(new Set([apiKey]))(text);
}

const NAME = [
  "api_?keys?|apikeys?|(?:access|private|signing|encryption)_keys?(?:_id)?|secrets?(?:_\\w+)?",
  "pass(?:w(?:o(?:r(?:ds?)?)?)?)?|passwd|passphrase|pwd|credentials?|authorization|cookies?",
  "(?:hf|hub|hugging_?face|auth|access|api|bearer|session|refresh|github|wandb|admin|secret)_(?:hub_)?tokens?",
  "keyfile_pass\\w*",
].join("|");
/** api_key, adminApiKey, HF_TOKEN, --ssl-keyfile-password …; not tokenizer_path, eos_token or ssl_keyfile. */
const SECRET_NAME = new RegExp(`(?:^|_)(?:${NAME})$|^tokens?$`, "i");
/** argparse takes any beginning of a flag that fits one flag only. */
const CUT_FLAG = /^(?:admin_)?api_k(?:ey?)?$|^hf_to(?:ken?)?$|^ssl_keyfile_\w+$/i;

function isSecretName(name: string): boolean {
  const snake = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll("-", "_");
  return SECRET_NAME.test(snake);
}

function isSecretFlag(flag: string): boolean {
  const name = flag.replace(/^-+/, "");
  return isSecretName(name) || CUT_FLAG.test(name.replaceAll("-", "_"));
}

/** Words that stand for "none given" and hide nothing. */
const EMPTY = /^(?:none|null|true|false|auto|)$/i;

function collect(value: unknown, secret: boolean, known: Set<string>): void {
  if (Array.isArray(value)) {
    const isSecret = secretArguments(value);
    for (const [index, item] of value.entries()) collect(item, secret || isSecret[index]!, known);
  } else if (isObject(value))
    for (const [key, item] of Object.entries(value))
      collect(item, secret || isSecretName(key), known);
  else if (secret && typeof value === "string") {
    if (!isRedacted(value)) known.add(value);
  } else if (typeof value === "string")
    for (const { start, end } of secretSpans(value)) {
      const part = value.slice(start, end);
      // A flag may take several keys: each stands alone elsewhere.
      for (const one of [part, ...part.split(/\s+/)])
        if (!isRedacted(unquoted(one))) known.add(unquoted(one));
    }
}

/** Servers of some releases hide a part themselves. */
function isRedacted(text: string): boolean {
  return EMPTY.test(text) || /^[<*]*redacted[>*]*$|^\*+$/i.test(text);
}

function unquoted(text: string): string {
  return /^(['"])(.*)\1$/s.exec(text)?.[2] ?? text;
}

/** More secrets than any server has: only a hostile answer holds more, and each costs a look at every text. */
const MOST = 512;

type Hider = (text: string) => string;

function hiderOf(known: ReadonlySet<string>): Hider {
  const texts = [...known].filter((text) => text.length > 1 && !EMPTY.test(text));
  const all = new Set(texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]));
  // The longest first: one secret may begin another.
  const words = [...all]
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST)
    .map(literal);
  if (words.length === 0) return (text) => text;
  const pattern = new RegExp(words.join("|"), "g");
  return (text) => text.replace(pattern, REDACTED);
}

/** Any text of a few letters stands inside longer words by chance. */
function literal(text: string): string {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.length < 6 ? `(?<![\\w-])${escaped}(?![\\w-])` : escaped;
}

function clean(value: unknown, hide: Hider): unknown {
  if (typeof value === "string") return cleanText(value, hide);
  if (Array.isArray(value)) return cleanArguments(value).map((item) => clean(item, hide));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      hide(key),
      isSecretName(key) && !isNothing(item) ? REDACTED : clean(item, hide),
    ]),
  );
}

function isNothing(item: unknown): boolean {
  return item === null || item === "" || typeof item === "boolean";
}

function cleanArguments(items: readonly unknown[]): unknown[] {
  const isSecret = secretArguments(items);
  return items.map((item, index) => (isSecret[index] ? REDACTED : item));
}

/** `["--api-key", "a", "b", "--tp", "2"]`: what follows a secret-named flag up to the next one. */
function secretArguments(items: readonly unknown[]): boolean[] {
  let secret = false;
  return items.map((item) => {
    if (typeof item !== "string") return false;
    if (!/^-{1,2}[A-Za-z]/.test(item)) return secret;
    secret = !item.includes("=") && isSecretFlag(item);
    return false;
  });
}

function cleanText(text: string, hide: Hider): string {
  let out = "";
  let at = 0;
  for (const { start, end } of secretSpans(text)) {
    const part = text.slice(start, end);
    const quote = /^(['"])(?:.*)\1$/s.exec(part)?.[1] ?? "";
    out += text.slice(at, start) + (isRedacted(unquoted(part)) ? part : quote + REDACTED + quote);
    at = end;
  }
  return hide(out + text.slice(at));
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A flag at the start of a word, its value after blanks or an equals sign. */
const FLAG = /(?<=^|\s|['"])(--?[A-Za-z][\w-]*)(?:=|\s+)/g;
/** `api_key='X'`, `"apiKey": "X"`, `HF_TOKEN=X`, `api_key=['X', 'Y']`; the value is only looked at, for it may hold another. */
const FIELD =
  /(?<![\w-])([A-Za-z][\w-]*)['"]?\s*[=:]\s*(?=(\[[^\]]{0,1024}\]|'(?:[^'\\]|\\.){0,1024}'|"(?:[^"\\]|\\.){0,1024}"|[^\s'",;&(){}]{1,1024}))/g;
const SCHEME = /\b(?:Bearer|Basic)\s+([^\s'",]+)/gi;
/** `https://user:X@host` */
const URL_PASSWORD = /:\/\/[^\s/:@]*:([^\s'",@/]+)(?=@)/g;

/** Where secrets stand in a text, in order; of those that overlap the first. */
function secretSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(FLAG)) {
    const start = match.index + match[0].length;
    const end = endOfValues(text, start);
    if (isSecretFlag(match[1]!) && end > start) spans.push({ start, end });
  }
  for (const match of text.matchAll(FIELD)) {
    const [found, name, value] = match;
    const start = match.index + found.length;
    // A header's scheme comes before its secret.
    if (isSecretName(name!) && !/^(?:bearer|basic)$/i.test(value!))
      spans.push({ start, end: start + value!.length });
  }
  for (const pattern of [SCHEME, URL_PASSWORD])
    for (const match of text.matchAll(pattern)) {
      const end = match.index + match[0].length;
      spans.push({ start: end - match[1]!.length, end });
    }
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  let reached = 0;
  return spans.filter(({ start, end }) => {
    const isNew = start >= reached;
    if (isNew) reached = end;
    return isNew;
  });
}

/** The end of all values of a flag: where the next flag begins, or the quoted text it stands in. */
function endOfValues(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const blank = /\s*/y;
    blank.lastIndex = at;
    const next = at + (blank.exec(text)?.[0].length ?? 0);
    const isFlag =
      /\s/.test(text[next - 1] ?? "") && /^--?[A-Za-z]/.test(text.slice(next, next + 3));
    if (at > start && next === at) break;
    if (isFlag || next >= text.length) return at;
    const word = /(?:'[^']*'|"[^"]*"|[^\s'"])+/y;
    word.lastIndex = next;
    const found = word.exec(text)?.[0];
    if (found === undefined) return at;
    at = next + found.length;
  }
  return at;
}
