import { isAlias, isNode, LineCounter, parseDocument, stringify, visit, type Document } from 'yaml';
import type { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { columnsMadeBy } from '../../../shared/domain/cleaning.ts';
import {
  JOB_FILE_KIND,
  JOB_FILE_VERSION,
  JobDefinition,
  MOST_JOB_FILE,
  type JobFileProblem,
} from '../../../shared/domain/job.ts';
import { fromJobMapping } from '../../../shared/domain/job-mapping.ts';

type Path = readonly PropertyKey[];
type Rule = JobFileProblem['rule'];

/** Problems that are told at once: the first ones are mended first. */
const MOST_PROBLEMS = 20;
const SHOWN_CHARACTERS = 80;

/** A job's file: to be read, compared and reviewed line by line, so nothing in it is folded or referred to. */
export function writeJobFile(definition: JobDefinition): string {
  const file = { kind: JOB_FILE_KIND, version: JOB_FILE_VERSION, ...JobDefinition.parse(definition) };
  return stringify(file, { aliasDuplicateObjects: false, lineWidth: 0, version: '1.2' });
}

/** What a job's file says. Throws `JOB_FILE_UNREADABLE` with every problem that was found: nothing in it is passed over. */
export function readJobFile(text: string, fileName: string): JobDefinition {
  const refuse = (problems: JobFileProblem[]) =>
    new FailureError({ code: 'JOB_FILE_UNREADABLE', fileName, problems: problems.slice(0, MOST_PROBLEMS) });
  const bytes = Buffer.byteLength(text);
  const whole = (rule: Rule): JobFileProblem => ({ line: 0, where: '', value: '', rule });
  if (bytes > MOST_JOB_FILE) throw refuse([whole({ kind: 'too-large', bytes })]);
  const lines = new LineCounter();
  const document = parseDocument(text, { version: '1.2', lineCounter: lines, prettyErrors: false });
  const unclear = [...document.errors, ...document.warnings].map(({ pos, message }): JobFileProblem => {
    return { ...whole({ kind: 'yaml', message }), line: lines.linePos(pos[0]).line };
  });
  if (unclear.length > 0) throw refuse(unclear);
  // A reference makes one line mean something in another place, and many of them more than there is memory.
  visit(document, (_key, node) => {
    if (!isAlias(node)) return;
    unclear.push({
      ...whole({ kind: 'yaml', message: 'references (*name) are not used here' }),
      line: lineOf(lines, node),
    });
  });
  if (unclear.length > 0) throw refuse(unclear);
  const { kind, version, ...given } = asRecord(document.toJS());
  if (kind !== JOB_FILE_KIND || typeof version !== 'number') throw refuse([whole({ kind: 'not-a-job' })]);
  if (version > JOB_FILE_VERSION) throw refuse([whole({ kind: 'newer', version })]);
  if (version !== JOB_FILE_VERSION) throw refuse([whole({ kind: 'not-a-job' })]);
  const at = (path: Path, value: unknown, rule: Rule): JobFileProblem => ({
    line: lineAt(document, lines, path),
    where: path
      .map((key) => (typeof key === 'number' ? `[${key + 1}]` : `.${String(key)}`))
      .join('')
      .replace(/^\./, ''),
    value: shownValue(value),
    rule,
  });
  const parsed = JobDefinition.safeParse(given);
  if (!parsed.success) throw refuse(problemsOf(parsed.error.issues, given, at));
  const problems = [...unknownKeys(given, parsed.data, [], at), ...columnProblems(parsed.data, at)];
  if (problems.length > 0) throw refuse(problems);
  return parsed.data;
}

type At = (path: Path, value: unknown, rule: Rule) => JobFileProblem;

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function lineOf(lines: LineCounter, node: { range?: readonly number[] | null | undefined }): number {
  return lines.linePos(node.range?.[0] ?? 0).line;
}

/** The line of what stands at a place, or of what holds it where nothing does. */
function lineAt(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return lineOf(lines, node);
  }
  return 1;
}

function shownValue(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function valueAt(value: unknown, path: Path): unknown {
  let found: unknown = value;
  for (const key of path)
    found = typeof found === 'object' && found !== null ? (found as Record<PropertyKey, unknown>)[key] : undefined;
  return found;
}

function problemsOf(issues: readonly z.core.$ZodIssue[], given: unknown, at: At, above: Path = []): JobFileProblem[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    // Of what may be one or the other, what is meant is the one that comes nearest.
    const nearest = issue.code === 'invalid_union' ? nearestOf(issue.errors) : null;
    if (nearest) return problemsOf(nearest, given, at, path);
    return [at(path, valueAt(given, path), ruleOf(issue, valueAt(given, path)))];
  });
}

/** The issues of the first branch that takes values of this kind; null where none does. */
function nearestOf(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | null {
  return (
    branches.find((branch) => !branch.some(({ path, code }) => path.length === 0 && code === 'invalid_type')) ?? null
  );
}

function ruleOf(issue: z.core.$ZodIssue, value: unknown): Rule {
  if (value === undefined) return { kind: 'missing' };
  switch (issue.code) {
    case 'invalid_value':
      return { kind: 'one-of', values: issue.values.map(String) };
    case 'invalid_type':
      return { kind: 'type', expected: issue.expected };
    case 'invalid_union':
      return { kind: 'form' };
    case 'too_small':
      return { kind: 'size', bound: 'at-least', size: Number(issue.minimum) };
    case 'too_big':
      return { kind: 'size', bound: 'at-most', size: Number(issue.maximum) };
    default:
      return { kind: 'form' };
  }
}

/** Keys that nothing reads: a word that is spelled in another way would be passed over. */
function unknownKeys(given: unknown, read: unknown, path: Path, at: At): JobFileProblem[] {
  if (Array.isArray(given) && Array.isArray(read))
    return given.flatMap((one, index) => unknownKeys(one, read[index], [...path, index], at));
  if (typeof given !== 'object' || given === null || typeof read !== 'object' || read === null) return [];
  return Object.entries(given).flatMap(([key, value]) =>
    Object.hasOwn(read, key)
      ? unknownKeys(value, (read as Record<string, unknown>)[key], [...path, key], at)
      : [at([...path, key], value, { kind: 'unknown-key' })],
  );
}

/** Columns that are named and not there, and columns that cleaning makes and are not listed. */
function columnProblems(definition: JobDefinition, at: At): JobFileProblem[] {
  const { file, unknown } = fromJobMapping(definition);
  const names = file.cleaning.flatMap(columnsMadeBy);
  const listed = (definition.madeColumns ?? []).map(({ column }) => column);
  const agree = names.length === listed.length && names.every((name, index) => name === listed[index]);
  return [
    ...unknown.map(({ path, column }) => at(path, column, { kind: 'no-column' })),
    ...(agree ? [] : [at(['madeColumns'], listed, { kind: 'made-columns', names })]),
  ];
}
