import { assertNever } from '../domain/assert-never.ts';
import type { CleaningKind, CleaningStep } from '../domain/cleaning.ts';
import { plural } from './counts.ts';

/** What a step is called where it is chosen. */
export const CLEANING_NAMES: Readonly<Record<CleaningKind, string>> = {
  trim: 'Trim spaces around values',
  'collapse-spaces': 'Collapse spaces within values',
  'change-case': 'Change case',
  'find-replace': 'Find and replace',
  'replace-pattern': 'Remove or replace by pattern',
  'map-values': 'Map values',
  'fill-blanks': 'Fill blanks',
  split: 'Split a column',
  join: 'Join columns',
  copy: 'Copy a column',
  constant: 'Add a constant',
  'remove-duplicates': 'Remove exact duplicate rows',
};

const CASES = { upper: 'UPPER CASE', lower: 'lower case', title: 'Title Case' } as const;

/** A step in a sentence, with the columns it is for. */
export function cleaningText(step: CleaningStep, nameOf: (column: number) => string, columns: number): string {
  const where = 'columns' in step ? whereText(step.columns, nameOf, columns) : '';
  switch (step.kind) {
    case 'trim':
      return `Trim spaces ${where}`;
    case 'collapse-spaces':
      return `Collapse spaces ${where}`;
    case 'change-case':
      return `Change to ${CASES[step.to]} ${where}`;
    case 'find-replace':
      return step.replacement === ''
        ? `Remove “${step.find}” ${where}`
        : `Replace “${step.find}” with “${step.replacement}” ${where}`;
    case 'replace-pattern':
      return step.replacement === ''
        ? `Remove what matches ${step.pattern} ${where}`
        : `Replace what matches ${step.pattern} with “${step.replacement}” ${where}`;
    case 'map-values':
      return `Map ${plural(step.values.length, 'value')} ${where}`;
    case 'fill-blanks':
      return `Fill blanks with “${step.value}” ${where}`;
    case 'split':
      return `Split ${nameOf(step.column)} at “${step.separator}” into ${step.names.join(', ')}`;
    case 'join':
      return `Join ${step.columns.map(nameOf).join(', ')} into ${step.name}`;
    case 'copy':
      return `Copy ${nameOf(step.column)} to ${step.name}`;
    case 'constant':
      return `“${step.value}” in every row, as ${step.name}`;
    case 'remove-duplicates':
      return 'Remove exact duplicate rows';
    default:
      return assertNever(step);
  }
}

/** What a made column is, beside its name. */
export function madeOfText(step: CleaningStep, nameOf: (column: number) => string): string {
  switch (step.kind) {
    case 'copy':
      return `copy of ${nameOf(step.column)}`;
    case 'constant':
      return `“${step.value}” in every row`;
    case 'join':
      return `${step.columns.map(nameOf).join(' and ')}, joined`;
    case 'split':
      return `part of ${nameOf(step.column)}`;
    default:
      return '';
  }
}

function whereText(chosen: readonly number[], nameOf: (column: number) => string, columns: number): string {
  if (chosen.length === columns && columns > 1) return 'in all columns';
  return chosen.length > 3
    ? `in ${chosen.slice(0, 2).map(nameOf).join(', ')} and ${chosen.length - 2} more`
    : `in ${chosen.map(nameOf).join(', ')}`;
}
