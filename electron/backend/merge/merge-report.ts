import { open } from 'node:fs/promises';
import Papa from 'papaparse';
import { GROUP_STATES, keptText, UNDO_STATES } from '../../../shared/text/merge-text.ts';
import type { MergeCell, MergeGroup } from '../../../shared/domain/merge.ts';
import { diskFailure } from '../documents/durable-file.ts';
import { GROUPS_AT_ONCE } from './build-merge-plan.ts';
import { FactsFile } from './facts-file.ts';
import { viewOf } from './group-view.ts';
import type { MergeDocument } from './merge-document.ts';
import type { MergeStand } from './merge-journal.ts';

const MARK = '\ufeff';
const HEADER = [
  'Group',
  'Record ID',
  'Name',
  'Part',
  'Outcome',
  'Message',
  'Values changed in the master',
  'Related records moved to the master',
  'Taken back',
  'Not taken back',
];

/**
 * Writes a merge as CSV for people to read: a line a record, the master of each group first, with what changes in it, what moves to it,
 * and what became of the group. UTF-8 with its mark, and no cell that a spreadsheet takes for a formula. Throws `DISK_FULL` and
 * `DISK_REFUSED`, and `DATA_DAMAGED`.
 */
export async function writeMergeReport(
  folder: string,
  document: MergeDocument,
  stand: MergeStand,
  path: string,
): Promise<void> {
  const facts = await FactsFile.open(folder, document.factsDigest);
  try {
    const file = await open(path, 'w', 0o600).catch(refused);
    try {
      await file.write(`${MARK}${csv([HEADER])}`);
      for await (const some of facts.all(GROUPS_AT_ONCE)) {
        const lines = some.flatMap((one) => linesOf(viewOf(one, document, stand.groups.get(one.group))));
        await file.write(csv(lines)).catch(refused);
      }
    } finally {
      await file.close();
    }
  } finally {
    await facts.close();
  }
}

function refused(error: unknown): never {
  throw diskFailure(error, 'the report of the merge');
}

function csv(lines: readonly (readonly string[])[]): string {
  return `${Papa.unparse(lines as string[][], { escapeFormulae: true, newline: '\r\n' })}\r\n`;
}

function linesOf({ group, masterId, members, fields, children, state, message, undo }: MergeGroup): string[][] {
  const changes = fields
    .filter(({ from }) => from !== masterId)
    .map(({ label, old, new: now }) => `${label}: ${cellText(old)} → ${cellText(now)}`);
  const moved = children.map(({ records, labelPlural }) => `${records} ${labelPlural}`);
  return members.map(({ id, name }) => {
    const isMaster = id === masterId;
    return [
      String(group + 1),
      id,
      name,
      isMaster ? 'Master' : 'Merged into the master',
      GROUP_STATES[state],
      message,
      isMaster ? changes.join('; ') : '',
      isMaster ? moved.join(', ') : '',
      undo ? UNDO_STATES[undo.state] : '',
      isMaster && undo ? undo.kept.map(keptText).join('; ') : '',
    ];
  });
}

function cellText(value: MergeCell): string {
  return value === null || value === '' ? '(blank)' : String(value);
}
