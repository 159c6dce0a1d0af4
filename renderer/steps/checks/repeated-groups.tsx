import { Button, Group, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { RepeatedGroup, RepeatedPage } from '../../../shared/domain/repeated-rows.ts';
import { columnLabel, number, plural } from '../../../shared/text/counts.ts';
import { similarRowText } from '../../../shared/text/similar-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { SummaryLine } from '../../components/summary-line.tsx';
import type { StepProps } from '../../wizard/use-load-parts.ts';
import { optionOf, repeatOptions, withRepeatChoice } from './repeat-choice.ts';

/** Groups that are shown at a time. */
const GROUPS_SHOWN = 5;

interface Props extends Pick<StepProps, 'draft' | 'dispatch' | 'parts'> {
  readonly mapping: FieldMapping;
}

const TITLE = 'Duplicates with different data';

/** Rows of the file that repeat one another but differ, group by group: which of them is sent, where that is not left to the rule. */
export function RepeatedGroups({ draft: { orgId, sourceId }, dispatch, parts, mapping }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [offset, setOffset] = useState(0);
  const input = orgId && sourceId ? { orgId, sourceId, mapping, offset, limit: GROUPS_SHOWN } : null;
  const page = useCall('checks.repeats', input, sourceId ? { keep: true, showPreviousOf: sourceId } : {});
  const { total = 0, groups = [] } = page.data ?? {};
  if (page.error) return <FailurePanel failure={failureOf(page.error)} />;
  if (!page.data || total === 0) return null;
  const { source } = page.data;
  const decided = mapping.repeatChoices?.source === source ? mapping.repeatChoices.groups.length : 0;
  return (
    <SummaryLine
      label={TITLE}
      open={isOpen}
      toggle={() => setOpen(!isOpen)}
      opens="Open"
      summary={
        <>
          <b>{TITLE}</b>
          <span>
            {plural(total, 'group')}
            {decided > 0 ? `, ${number(decided)} decided one by one` : ''}
          </span>
        </>
      }
    >
      <div className="similar-rows">
        {groups.map((group) => (
          <GroupTable
            key={group.all.join()}
            group={group}
            page={page.data}
            nameOf={(column) => columnLabel(parts.source?.columns[column]?.name, column)}
            mapping={mapping}
            busy={page.isPlaceholderData}
            choose={(option) =>
              dispatch({ kind: 'mapping-changed', mapping: withRepeatChoice(mapping, source, group.all, option) })
            }
          />
        ))}
        {total > GROUPS_SHOWN && (
          <Group>
            <Button
              variant="default"
              size="compact-sm"
              disabled={offset === 0}
              onClick={() => setOffset(Math.max(0, offset - GROUPS_SHOWN))}
            >
              Previous groups
            </Button>
            <span>
              {number(offset + 1)} to {number(Math.min(total, offset + GROUPS_SHOWN))} of {number(total)}
            </span>
            <Button
              variant="default"
              size="compact-sm"
              disabled={offset + GROUPS_SHOWN >= total}
              onClick={() => setOffset(offset + GROUPS_SHOWN)}
            >
              Next groups
            </Button>
          </Group>
        )}
      </div>
    </SummaryLine>
  );
}

interface GroupProps {
  readonly group: RepeatedGroup;
  readonly page: RepeatedPage;
  readonly nameOf: (column: number) => string;
  readonly mapping: FieldMapping;
  readonly busy: boolean;
  readonly choose: (option: string) => void;
}

function GroupTable({ group, page, nameOf, mapping, busy, choose }: GroupProps) {
  const { all, rows, choice } = group;
  const name = `Rows ${all.slice(0, 3).map(number).join(', ')}${all.length > 3 ? ' …' : ''}`;
  return (
    <div className="similar-group">
      <NativeSelect
        size="xs"
        label={`${name}: what is sent`}
        value={optionOf(choice)}
        disabled={busy}
        data={repeatOptions(group, mapping)}
        onChange={({ currentTarget: { value } }) => choose(value)}
      />
      <div className="side-by-side" tabIndex={0} role="group" aria-label={name}>
        <table className="list">
          <thead>
            <tr>
              <th scope="col">Row</th>
              {page.columns.map((column) => (
                <th key={column} scope="col">
                  {nameOf(column)}
                </th>
              ))}
              <th scope="col">What happens</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ row, values, what }) => (
              <tr key={row} data-what={what}>
                <th scope="row">{number(row)}</th>
                {values.map((value, place) => (
                  <td key={page.columns[place]}>{value}</td>
                ))}
                <td>
                  <span
                    className="tone"
                    data-tone={what === 'sent' ? 'create' : what === 'notSent' ? 'blocked' : 'duplicate'}
                  >
                    {similarRowText({ what })}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all.length > rows.length && <p className="lead">and {number(all.length - rows.length)} more rows</p>}
    </div>
  );
}
