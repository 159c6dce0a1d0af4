import { Radio } from '@mantine/core';
import type { GroupChoice, MergeCell, MergeGroup } from '../../../shared/domain/merge.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { plural } from '../../../shared/text/counts.ts';
import { RecordLink } from '../../components/record-link.tsx';
import { moment } from '../../settings/moments.ts';

interface Props {
  readonly group: MergeGroup;
  readonly orgId: OrgId;
  /** Also fields in which the records differ and the master keeps its value. */
  readonly opened: boolean;
  /** Null where nothing can be chosen any more. */
  readonly choose: ((next: Partial<GroupChoice>) => void) | null;
}

function shown(value: MergeCell): string {
  if (value === null || value === '') return 'blank';
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

/** The records of a group beside each other, the master first; what stays of each field is marked. */
export function MergeFields({ group, orgId, opened, choose }: Props) {
  const { members, masterId, fields, choice } = group;
  const rows = fields.filter(({ from }) => opened || from !== masterId);
  const name = (what: string) => `merge-${group.group}-${what}`;
  return (
    // Wider than the window it is scrolled, also by keys.
    <div className="merge-table" role="group" aria-label={`Fields of group ${group.group + 1}`} tabIndex={0}>
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Field</th>
            {members.map((member) => (
              <th key={member.id} scope="col">
                {choose ? (
                  <Radio
                    name={name('master')}
                    label={member.name}
                    aria-label={`Keep ${member.name}, ${member.id}, as the master of group ${group.group + 1}`}
                    checked={member.id === masterId}
                    onChange={() => choose({ master: member.id })}
                  />
                ) : (
                  member.name
                )}
                <div className="reason whole">
                  <RecordLink orgId={orgId} id={member.id} />
                </div>
                <div className="reason whole">
                  {member.id === masterId ? 'Master, stays' : 'Merged into the master'} · created{' '}
                  {moment(Date.parse(member.createdAt))} · {plural(member.children, 'related record')}
                </div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.length === 0 && (
            <tr>
              <td colSpan={members.length + 1}>The master keeps all its values.</td>
            </tr>
          )}
          {rows.map(({ field, label, from, options }) => (
            <tr key={field}>
              <th scope="row">{label}</th>
              {members.map((member) => {
                const value = shown(options.find(({ id }) => id === member.id)?.value ?? null);
                const stays = member.id === from;
                return (
                  <td key={member.id} data-stays={stays}>
                    {choose ? (
                      <Radio
                        name={name(field)}
                        label={value}
                        aria-label={`${label}: ${value}, of ${member.name} ${member.id}`}
                        checked={stays}
                        onChange={() => choose({ fields: { ...choice.fields, [field]: member.id } })}
                      />
                    ) : stays ? (
                      <strong>{value}</strong>
                    ) : (
                      value
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
