import { IssueCode } from '../domain/field-issue.ts';
import type { ErrorReason } from '../domain/load-results.ts';
import { issueTitle } from './issue-title.ts';

/** Why rows are in the error file, in short: the code, and the fields that Salesforce names. */
export function reasonText({ statusCode, fields }: ErrorReason): string {
  return `${reasonTitle(statusCode)}${fields ? ` (${fields})` : ''}`;
}

/** Our own codes by their titles; Salesforce's status codes as Salesforce spells them. */
function reasonTitle(statusCode: string): string {
  if (statusCode === 'LOOKUP_NOT_SET') return 'Lookup not set in the second step';
  const own = IssueCode.safeParse(statusCode);
  return own.success ? issueTitle(own.data) : statusCode;
}
