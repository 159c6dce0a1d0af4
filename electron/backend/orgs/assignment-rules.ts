import { z } from 'zod';
import { AssignmentRule, hasAssignmentRules } from '../../../shared/domain/field-mapping.ts';
import { asFailure } from './org-answers.ts';
import type { OrgClient } from './org-client.ts';

const Rule = z.object({ Id: z.string(), Name: z.string().nullable(), Active: z.boolean() });

/** The assignment rules of an object, by name, whether or not they are active (Object Reference, "AssignmentRule"). */
export async function readAssignmentRules(
  client: Pick<OrgClient, 'query' | 'host'>,
  objectName: string,
  signal: AbortSignal,
): Promise<(AssignmentRule & { active: boolean })[]> {
  if (!hasAssignmentRules({ objectName, operation: 'insert' })) return [];
  const soql = `SELECT Id, Name, Active FROM AssignmentRule WHERE SobjectType = '${objectName}' ORDER BY Name`;
  try {
    const found = z.array(Rule).parse(await client.query(soql, signal));
    return found.map(({ Id, Name, Active }) => ({ id: Id, name: Name ?? Id, active: Active }));
  } catch (error) {
    throw asFailure(error, client.host);
  }
}
