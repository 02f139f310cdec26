/** Languages that sources are written in, as far as looking for a definition goes. */
export type Language = "python" | "c" | "text";

const BY_ENDING: Readonly<Record<string, Language>> = {
  py: "python",
  pyi: "python",
  ...Object.fromEntries(
    ["c", "cc", "cpp", "cxx", "cu", "cuh", "h", "hh", "hpp", "hip", "inl", "mm"].map((ending) => [
      ending,
      "c" as const,
    ]),
  ),
};

export function languageOf(path: string): Language {
  return BY_ENDING[path.slice(path.lastIndexOf(".") + 1).toLowerCase()] ?? "text";
}

/** Comments and quoted texts, longest form first. */
const PARTS: Readonly<Record<Language, RegExp>> = {
  python:
    /#[^\n]*|[rbuf]{0,2}"""(?:[^\\]|\\[\s\S])*?"""|[rbuf]{0,2}'''(?:[^\\]|\\[\s\S])*?'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/gi,
  c: /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])'/g,
  text: /#[^\n]*/g,
};

/** A file's text without what is no code: blanks stand in for it, so that places stay. */
interface CodeText {
  /** Comments and quoted texts are blank. */
  readonly code: string;
  /** Only comments are blank; docstrings count as comments. */
  readonly withTexts: string;
}

export function codeText(text: string, language: Language): CodeText {
  const isComment = (part: string): boolean => {
    if (language === "python") return /^(?:#|[rbuf]{0,2}("""|'''))/i.test(part);
    return language === "text" || part.startsWith("/");
  };
  return {
    code: text.replace(PARTS[language], blank),
    withTexts: text.replace(PARTS[language], (part) => (isComment(part) ? blank(part) : part)),
  };
}

const blank = (part: string): string => part.replace(/[^\n]/g, " ");
