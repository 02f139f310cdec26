import type { SourceRange } from "../../model/diagnostic.ts";
import type { RuleSource } from "../../model/rule.ts";
import type { WorkModel } from "../../model/work.ts";
import type { SourceNode } from "../ast.ts";
import type { RuleUnit } from "../checks/check.ts";
import type { LoadedWork } from "../load-texts.ts";

/** Sources that one rule or work model names. */
export interface SourceNamer {
  readonly id: string;
  readonly file: string;
  readonly sources: readonly NamedSource[];
}

interface NamedSource extends RuleSource {
  /** Where the file names it. */
  readonly range: SourceRange;
  /** It was read at a commit that stands beside it, not at the lock's. */
  readonly hasOwnCommit: boolean;
}

export function namersOf(
  rules: readonly RuleUnit[],
  works: readonly LoadedWork[],
  models: readonly WorkModel[],
): SourceNamer[] {
  const modelOf = new Map(models.map((model) => [model.id, model]));
  const ofRules = rules.map(({ rule, node, file }) => ({
    id: rule.id,
    file: file.file,
    sources: joined(rule.sources, node.sources),
  }));
  const ofWorks = works.flatMap(({ file, ast }) => {
    const model = modelOf.get(ast.work?.id.text ?? "");
    return model === undefined
      ? []
      : [{ id: model.id, file, sources: joined(model.sources, ast.work!.sources) }];
  });
  return [...ofRules, ...ofWorks];
}

const joined = (sources: readonly RuleSource[], nodes: readonly SourceNode[]): NamedSource[] =>
  sources.map((source, index) => {
    const { target, commit } = nodes[index]!;
    return { ...source, range: target.range, hasOwnCommit: commit !== null };
  });
