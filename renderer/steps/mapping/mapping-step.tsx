import { Button, Group } from '@mantine/core';
import { Plus, Redo2, Undo2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import {
  type FieldMapping,
  mappedColumns,
  type MappingTarget,
  onlyNames,
} from '../../../shared/domain/field-mapping.ts';
import { freeName, makerOf, newColumn, withoutMadeBy } from '../../../shared/domain/made-columns.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { columnLabel, plural } from '../../../shared/text/counts.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Waiting } from '../../components/waiting.tsx';
import type { LoadParts, StepProps } from '../../wizard/use-load-parts.ts';
import { useMappingHistory, useUndoKeys, type MappingHistory } from '../../wizard/use-mapping-history.ts';
import { ColumnTable } from './column-table.tsx';
import { fieldOptions } from './field-options.ts';
import { MakeColumn, type Making } from './make-column.tsx';
import { MappingFileButtons, MappingFileNotices, useMappingFiles } from './mapping-files.tsx';
import { MappingNotices } from './mapping-notices.tsx';
import { MappingOptions } from './mapping-options.tsx';
import { requiredUnfilled } from './mapping-rows.ts';
import { Misfits } from './misfits.tsx';
import { RequiredFields } from './required-fields.tsx';
import { useColumnActions } from './use-column-actions.ts';

/** Which field each column fills, why, and what the match is made by. */
export function MappingStep({ draft, dispatch, parts }: Omit<StepProps, 'nonce' | 'org'>) {
  const { mapping, orgId } = draft;
  const { source, describe } = parts;
  if (!mapping || !source || !describe || !orgId) return <NotYet parts={parts} />;
  return (
    <Mapped
      draft={draft}
      dispatch={dispatch}
      parts={parts}
      mapping={mapping}
      source={source}
      describe={describe}
      orgId={orgId}
    />
  );
}

/** The fields of the object are on their way, or could not be read. */
function NotYet({ parts }: { readonly parts: LoadParts }) {
  if (!parts.failure) return <Waiting title="Mapping">Reading the fields of the object…</Waiting>;
  return (
    <div className="step">
      <h2>Mapping</h2>
      <FailurePanel failure={parts.failure} again={parts.retry} />
    </div>
  );
}

interface MappedProps extends Omit<StepProps, 'nonce' | 'org'> {
  readonly mapping: FieldMapping;
  readonly source: SourceSummary;
  readonly describe: SObjectDescribe;
  readonly orgId: OrgId;
}

function Mapped({ draft, dispatch, parts, mapping, source, describe, orgId }: MappedProps) {
  const { checks } = parts;
  const history = useMappingHistory(draft, source, dispatch);
  useUndoKeys(history);
  const files = useMappingFiles({ orgId, source, mapping, history });
  const [making, setMaking] = useState<Making | null>(null);
  const [made, setMade] = useState<number | null>(null);
  const glances = useCall('source.glance', { sourceId: source.sourceId }, { keep: true });
  // Columns that nothing was found for: whom a person left out, or a result file brought, is not asked about.
  const open = mapping.columns.flatMap(({ column, target, reason }) =>
    target.kind === 'ignored' && reason === 'no-match' ? [column] : [],
  );
  const isAsked = parts.rows !== null && open.length > 0 && !onlyNames(mapping.operation);
  const { sourceId } = source;
  const offers = useCall(
    'lookups.offers',
    isAsked ? { orgId, sourceId, objectName: describe.name, columns: open } : null,
    { keep: true, showPreviousOf: sourceId },
  );
  const { operation, matchField } = mapping;
  const options = useMemo(() => fieldOptions(describe, { operation, matchField }), [describe, operation, matchField]);
  const nameOf = (column: number) => columnLabel(source.columns[column]?.name, column);
  const names = source.columns.map(({ index }) => nameOf(index));
  const change = (change: Partial<FieldMapping>) => history.change({ ...mapping, ...change });
  const make = async (step: CleaningStep, target: MappingTarget) => {
    const column = source.columns.length;
    setMade(target.kind === 'ignored' ? column : null);
    const columns = [...mapping.columns, newColumn(column, target)];
    await history.changeWith([...source.cleaning, step], { ...mapping, columns });
    setMaking(null);
  };
  const actions = useColumnActions({
    change: (column, next) =>
      change({ columns: mapping.columns.map((one) => (one.column === column ? { ...one, ...next } : one)) }),
    copy: (column) =>
      void make({ kind: 'copy', column, name: freeName(`${nameOf(column)} again`, names) }, { kind: 'ignored' }),
    join: (column) => setMaking({ kind: 'join', columns: [column] }),
    remove: (column) => {
      const steps = source.cleaning;
      const maker = makerOf(column, steps, source.fileColumns);
      if (!maker) return;
      const left = withoutMadeBy({ steps, mapping }, maker.place, source.fileColumns);
      void history.changeWith(left.steps, left.mapping);
    },
    arrived: () => setMade(null),
  });
  const required = requiredUnfilled(mapping, describe);
  const issues = checks.data?.mappingIssues ?? [];
  const blocks = issues.filter(({ level }) => level === 'block');
  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>
              {mappedColumns(mapping).length} of {plural(mapping.columns.length, 'column')} mapped to {describe.label}
            </h2>
            <p className="lead">
              Each column shows the field it fills and why. Your choices are remembered for files with these headers.
            </p>
          </div>
          <HistoryButtons history={history} />
        </header>
        {checks.error && <FailurePanel failure={failureOf(checks.error)} again={() => void checks.refetch()} />}
        {history.failure && <FailurePanel failure={history.failure} />}
        {offers.error && <FailurePanel failure={failureOf(offers.error)} />}
        {(offers.data?.apiCalls ?? 0) > 0 && (offers.data?.offers.length ?? 0) > 0 && (
          <p className="reason">
            Longshore looked up sample values of unmapped columns in the org, with{' '}
            {plural(offers.data?.apiCalls ?? 0, 'API call')}.
          </p>
        )}
        <div className="notices">
          <MappingFileNotices files={files} />
          <Misfits
            misfits={draft.misfits}
            mapping={mapping}
            nameOf={nameOf}
            dismiss={() => dispatch({ kind: 'misfits-seen' })}
          />
          <RequiredFields
            fields={required}
            mapping={mapping}
            objectLabel={describe.labelPlural}
            nameOf={nameOf}
            fill={(field, column) =>
              change({
                columns: mapping.columns.map((one) =>
                  one.column === column ? newColumn(column, { kind: 'field', field: field.name }) : one,
                ),
              })
            }
            giveConstant={({ name }) => setMaking({ kind: 'constant', field: name })}
          />
          <MappingNotices issues={issues.filter(({ code }) => code !== 'REQUIRED_UNMAPPED')} />
        </div>
        <MappingOptions orgId={orgId} mapping={mapping} describe={describe} columns={source.columns} change={change} />
        {making && (
          <MakeColumn
            key={JSON.stringify(making)}
            making={making}
            names={names}
            options={options}
            busy={history.busy}
            cancel={() => setMaking(null)}
            make={(step, target) => void make(step, target)}
          />
        )}
        <ColumnTable
          orgId={orgId}
          mapping={mapping}
          source={source}
          describe={describe}
          options={options}
          issues={issues}
          glances={glances.data}
          offers={offers.data?.offers ?? []}
          rows={parts.rows}
          busy={history.busy}
          nameOf={nameOf}
          newColumn={made}
          actions={actions}
          tools={
            making === null && (
              <Group gap="xs">
                <Button
                  variant="default"
                  size="compact-sm"
                  leftSection={<Plus size={15} aria-hidden />}
                  onClick={() => setMaking({ kind: 'constant', field: null })}
                >
                  Add a constant
                </Button>
                <MappingFileButtons files={files} busy={history.busy} />
              </Group>
            )
          }
        />
      </div>
      <div className="actions">
        <Button variant="subtle" onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'source' } })}>
          Back
        </Button>
        <Button
          data-primary
          disabled={blocks.length > 0 || checks.isFetching || checks.data === undefined}
          loading={checks.isFetching}
          onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'checks' } })}
        >
          See the checks of {plural(parts.rows ?? 0, 'row')}
        </Button>
      </div>
    </>
  );
}

function HistoryButtons({ history: { undo, redo } }: { readonly history: MappingHistory }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Undo2 size={15} aria-hidden />}
        aria-keyshortcuts="Control+Z Meta+Z"
        disabled={undo === null}
        onClick={() => void undo?.()}
      >
        Undo
      </Button>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Redo2 size={15} aria-hidden />}
        aria-keyshortcuts="Control+Shift+Z Meta+Shift+Z"
        disabled={redo === null}
        onClick={() => void redo?.()}
      >
        Redo
      </Button>
    </Group>
  );
}
