import { Button, SegmentedControl, Select, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { parseSoql } from '../../../shared/soql/parse-soql.ts';
import { printSoql } from '../../../shared/soql/print-soql.ts';
import type { SoqlQuery } from '../../../shared/soql/soql-query.ts';
import { beyondText, soqlErrorText } from '../../../shared/text/export-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { EnrichRun } from './enrich-run.tsx';
import { ExportFields, ParentFields } from './export-fields.tsx';
import { ExportFilters } from './export-filters.tsx';
import { ExportOrder } from './export-order.tsx';
import { ExportRun } from './export-run.tsx';

/** What is typed is counted once it has stood so long, in milliseconds. */
const STANDS = 500;

/** As it was left, by org: whoever looks something up elsewhere comes back to it. */
const left = new Map<string, string>();

interface Props {
  readonly org: OrgSummary;
  readonly back: () => void;
}

/** Records out of an org: a query as a builder and as text, one document, and the file that it becomes. */
export function ExportScreen({ org, back }: Props) {
  const { orgId } = org;
  const [soql, setSoql] = useState(() => left.get(orgId) ?? '');
  const [builder, setBuilder] = useState<SoqlQuery | null>(() => shown(soql, null));
  const [which, setWhich] = useState('query');
  const [settled] = useDebouncedValue(soql, STANDS);
  const read = soql.trim() === '' ? null : parseSoql(soql);
  const change = (text: string): void => {
    left.set(orgId, text);
    setSoql(text);
    setBuilder((before) => shown(text, before));
  };
  const build = (query: SoqlQuery): void => change(printSoql(query));
  return (
    <div className="step">
      <header>
        <div>
          <h2>Export records</h2>
          <p className="lead">
            From {org.name}. Choose what you need, or write SOQL. Exporting changes nothing in the org.
          </p>
        </div>
        <Button data-leave variant="subtle" onClick={back}>
          Back
        </Button>
      </header>
      <div className="export">
        <section className="panel" aria-label="Builder">
          {read?.kind === 'beyond' ? (
            <>
              <p className="lead">{beyondText(read.beyond)}</p>
              <Button mt="sm" variant="default" size="compact-sm" onClick={() => change('')}>
                Start a new query
              </Button>
            </>
          ) : (
            <Builder orgId={orgId} query={builder} build={build} disabled={read?.kind === 'error'} />
          )}
        </section>
        <section className="panel" aria-label="Query">
          <Textarea
            label="SOQL"
            classNames={{ input: 'export-soql' }}
            autosize
            minRows={8}
            maxRows={24}
            spellCheck={false}
            placeholder={'SELECT Id, Name\nFROM Account'}
            value={soql}
            error={read?.kind === 'error' ? soqlErrorText(read.error) : null}
            onChange={({ currentTarget: { value } }) => change(value)}
          />
          <SegmentedControl
            mt="sm"
            aria-label="Which records"
            value={which}
            onChange={setWhich}
            data={[
              { value: 'query', label: 'By query' },
              { value: 'keys', label: 'By keys in a file' },
            ]}
          />
          {which === 'keys' ? (
            <EnrichRun org={org} query={read?.kind === 'query' ? read.query : null} />
          ) : (
            <ExportRun
              org={org}
              soql={soql}
              // While it is typed, or is no SOQL, it is not counted.
              counted={read !== null && read.kind !== 'error' && settled === soql ? settled : null}
              objectName={read?.kind === 'query' ? read.query.objectName : null}
              isReady={read !== null && read.kind !== 'error'}
            />
          )}
        </section>
      </div>
    </div>
  );
}

/** What the builder shows of a text: of one that is being typed, what it was before. */
function shown(soql: string, before: SoqlQuery | null): SoqlQuery | null {
  if (soql.trim() === '') return null;
  const read = parseSoql(soql);
  if (read.kind === 'query') return read.query;
  return read.kind === 'error' ? before : null;
}

interface BuilderProps {
  readonly orgId: OrgSummary['orgId'];
  /** Null before there is an object. */
  readonly query: SoqlQuery | null;
  readonly build: (query: SoqlQuery) => void;
  /** While the text can't be read, for the builder would write over it. */
  readonly disabled: boolean;
}

function Builder({ orgId, query, build, disabled }: BuilderProps) {
  const objects = useCall('orgs.objects', { orgId }, { keep: true });
  const queryable = (objects.data ?? []).filter((one) => one.queryable);
  const known = queryable.find(({ name }) => name.toLowerCase() === query?.objectName.toLowerCase());
  const describe = useCall('orgs.describe', known ? { orgId, objectName: known.name } : null, { keep: true });
  if (objects.error) return <FailurePanel failure={failureOf(objects.error)} again={() => void objects.refetch()} />;
  return (
    <fieldset className="export-builder" disabled={disabled} aria-label="Builder">
      {disabled && <p className="lead">The builder is off until the SOQL can be read.</p>}
      <Select
        label="Object"
        searchable
        allowDeselect={false}
        limit={200}
        disabled={disabled}
        placeholder={objects.isPending ? 'Reading the objects of the org…' : 'Choose an object'}
        nothingFoundMessage="No such object"
        value={known?.name ?? null}
        data={queryable.map(({ name, label }) => ({
          value: name,
          label: label === name ? label : `${label} (${name})`,
        }))}
        onChange={(name) => name !== null && name !== known?.name && build({ ...EMPTY, objectName: name })}
      />
      {query && objects.data && !known && (
        <p className="lead">The org has no object {query.objectName} that can be queried, or you can’t see it.</p>
      )}
      {describe.error && <FailurePanel failure={failureOf(describe.error)} again={() => void describe.refetch()} />}
      {known && describe.isPending && (
        <p className="lead" role="status">
          Reading the fields of {known.label}…
        </p>
      )}
      {query && describe.data && (
        <>
          <ExportFields
            describe={describe.data}
            fields={query.fields}
            change={(fields) => build({ ...query, fields })}
          />
          <ParentFields
            key={describe.data.name}
            orgId={orgId}
            describe={describe.data}
            add={(path) => !query.fields.includes(path) && build({ ...query, fields: [...query.fields, path] })}
          />
          <ExportFilters describe={describe.data} query={query} change={build} />
          <ExportOrder describe={describe.data} query={query} change={build} />
        </>
      )}
    </fieldset>
  );
}

const EMPTY: SoqlQuery = { objectName: '', fields: ['Id'], join: 'AND', filters: [], order: [], limit: null };
