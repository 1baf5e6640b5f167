import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { InputError } from './input-error.ts';

/**
 * Reads YAML that people write, and checks it against a schema.
 *
 * @param file the name that messages begin with
 * @throws InputError naming file, field or line, what was expected and what was found
 */
export function parseYaml<S extends z.ZodType>(schema: S, text: string, file: string): z.output<S> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const [typo] = document.errors;
  if (typo) throw new InputError(`${file}: line ${counter.linePos(typo.pos[0]).line}: ${lowerFirst(typo.message)}`);
  return checked(schema, document.toJS() ?? undefined, file, (path) => lineOf(document, counter, path));
}

/**
 * Checks data against a schema, with messages in the words of the file it came from.
 *
 * @param lineOf the line where a field stands, where that is known; misspelt fields are named with it
 * @throws InputError naming file, field, what was expected and what was found
 */
export function checked<S extends z.ZodType>(
  schema: S,
  data: unknown,
  file: string,
  lineOf: (path: PropertyKey[]) => number | null = () => null,
): z.output<S> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const { issues } = result.error;
  // a misspelt field is missing, too, but the misspelling tells more
  const misspelt = issues.find((issue) => issue.code === 'unrecognized_keys');
  throw new InputError(`${file}: ${misspelt ? misspeltText(misspelt, data, lineOf) : issueText(issues[0], data)}`);
}

function misspeltText(
  issue: z.core.$ZodIssueUnrecognizedKeys,
  data: unknown,
  lineOf: (path: PropertyKey[]) => number | null,
): string {
  const path = [...issue.path, issue.keys[0]];
  const line = lineOf(path);
  const where = line === null ? '' : ` (line ${line})`;
  return `${fieldName(path)}${where}: expected no such field, got ${show(valueAt(data, path))}`;
}

function lineOf(document: Document.Parsed, counter: LineCounter, path: PropertyKey[]): number | null {
  const node = document.getIn(path, true);
  return isNode(node) && node.range ? counter.linePos(node.range[0]).line : null;
}

function issueText(issue: z.core.$ZodIssue, data: unknown): string {
  const field = fieldName(issue.path) || 'whole file';
  return `${field}: expected ${expectation(issue)}, got ${show(valueAt(data, issue.path))}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'too_small':
      return limit(issue.origin, issue.exact ? 'exactly' : issue.inclusive ? 'at least' : 'above', issue.minimum);
    case 'too_big':
      return limit(issue.origin, issue.exact ? 'exactly' : issue.inclusive ? 'at most' : 'below', issue.maximum);
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    default:
      return issue.message.replace(/^expected /, '');
  }
}

function limit(origin: string, relation: string, bound: number | bigint): string {
  if (origin === 'array') return `${relation} ${bound} items`;
  if (origin === 'string') return `${relation} ${bound} characters`;
  return `a number ${relation} ${bound}`;
}

/** `rotors[2].axis` for `['rotors', 2, 'axis']`. */
function fieldName(path: readonly PropertyKey[]): string {
  let name = '';
  for (const key of path) name += typeof key === 'number' ? `[${key}]` : `${name && '.'}${String(key)}`;
  return name;
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
