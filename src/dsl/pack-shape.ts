import { isObject } from "../base/is-object.ts";
import type { RuleSet } from "../model/rule.ts";

const LISTS = ["classes", "categories", "roles", "libraries", "rules", "works"] as const;
const KINDS = ["fusion", "overlap"];
const STATUSES = ["mainline", "in-flight", "experimental", "deprecated"];
const TEXTS = ["id", "origin", "file", "title", "since", "owner"];
const RULE_LISTS = ["prs", "sources", "guards", "states", "subsumes", "conflicts", "messages"];

/**
 * Whether a value has the shape of a rule set: lists where the engine walks lists, texts where it
 * prints texts, and classes that exist wherever one is named. What a pack says in this shape is
 * taken as said; where it lies decides whether it is believed.
 */
export function isRuleSet(value: unknown): value is RuleSet {
  if (!isObject(value) || !LISTS.every((key) => Array.isArray(value[key]))) return false;
  const set = value as unknown as { readonly [key in (typeof LISTS)[number]]: readonly unknown[] };
  const isClass = (id: unknown): boolean =>
    Number.isInteger(id) && (id as number) >= 0 && (id as number) < set.classes.length;
  const isDefinition = (one: unknown): boolean =>
    isObject(one) && isText(one.id) && isText(one.title) && isClass(one.class);
  const by = value.categoriesBy;
  return (
    isObject(value.repos) &&
    Object.values(value.repos).every((repo) => isObject(repo) && isText(repo.url)) &&
    set.classes.every((one) => isObject(one) && isText(one.name) && isExpr(one.expr, isClass)) &&
    [...set.categories, ...set.roles, ...set.libraries].every(isDefinition) &&
    (by === undefined ||
      (isObject(by) &&
        Object.values(by).every((list) => Array.isArray(list) && list.every(isDefinition)))) &&
    set.rules.every((rule) => isRule(rule, isClass)) &&
    set.works.every((work) => isObject(work) && isText(work.id))
  );
}

function isRule(rule: unknown, isClass: (id: unknown) => boolean): boolean {
  return (
    isObject(rule) &&
    TEXTS.every((key) => (rule[key] ?? null) === null || isText(rule[key])) &&
    isText(rule.id) &&
    KINDS.includes(rule.kind as string) &&
    STATUSES.includes(rule.status as string) &&
    RULE_LISTS.every((key) => Array.isArray(rule[key])) &&
    (rule.sources as unknown[]).every(
      (one) => isObject(one) && isText(one.url) && isText(one.path),
    ) &&
    (rule.states as unknown[]).every((one) => isObject(one) && isPattern(one.pattern, isClass))
  );
}

function isPattern(pattern: unknown, isClass: (id: unknown) => boolean): boolean {
  if (!isObject(pattern)) return false;
  const isStep = (step: unknown): boolean => isObject(step) && isClass(step.class);
  if (pattern.kind === "overlap") return isStep(pattern.first) && isStep(pattern.second);
  if (!Array.isArray(pattern.steps) || !pattern.steps.every(isStep)) return false;
  if (pattern.kind === "any-order") return true;
  const isLink = (link: unknown): boolean =>
    isObject(link) &&
    [link.past, link.without].every((list) => Array.isArray(list) && list.every(isClass));
  return pattern.kind === "chain" && Array.isArray(pattern.links) && pattern.links.every(isLink);
}

function isExpr(expr: unknown, isClass: (id: unknown) => boolean): boolean {
  if (!isObject(expr)) return false;
  switch (expr.kind) {
    case "any":
    case "all":
      return Array.isArray(expr.of) && expr.of.every((part) => isExpr(part, isClass));
    case "not":
      return isExpr(expr.of, isClass);
    case "class":
      return isClass(expr.class);
    default:
      return expr.kind === "glob" && isText(expr.field) && isText(expr.glob);
  }
}

const isText = (value: unknown): value is string => typeof value === "string";
