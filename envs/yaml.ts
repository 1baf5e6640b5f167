import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { InputError } from './input-error.ts';

/**
 * Reads YAML that people write, and checks it against a schema.
 *
 * @param file the name that messages begin with
 * @throws InputError naming file, field or line, what was expected and what was found
 */
export function parseYaml<S extends z.ZodType>(schema: S, text: string, file: string): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [typo] = document.errors;
  if (typo) throw new InputError(`${file}: line ${lines.linePos(typo.pos[0]).line}: ${lowerFirst(typo.message)}`);
  return checked(schema, document.toJS(), file);
}

/**
 * Checks data against a schema, with messages in the words of the file it came from.
 *
 * @throws InputError naming file, field, what was expected and what was found
 */
export function checked<S extends z.ZodType>(schema: S, data: unknown, file: string): z.output<S> {
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return result.data;
  throw new InputError(`${file}: ${issueText(result.error.issues[0], data)}`);
}

function issueText(issue: z.core.$ZodIssue, data: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const field = fieldName([...issue.path, issue.keys[0]]);
    return `${field}: expected no such field, got ${show(valueAt(data, [...issue.path, issue.keys[0]]))}`;
  }
  const field = fieldName(issue.path) || 'whole file';
  return `${field}: expected ${expectation(issue)}, got ${show(valueAt(data, issue.path))}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive ? 'at least' : 'above', issue.minimum);
    case 'too_big':
      return bound(issue.origin, issue.inclusive ? 'at most' : 'below', issue.maximum);
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    default:
      return issue.message.replace(/^expected /, '');
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'array') return `${relation} ${limit} items`;
  if (origin === 'string') return `${relation} ${limit} characters`;
  return `a number ${relation} ${limit}`;
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
