import { sessionText } from '../../shared/text/session-text.ts';
import { Button, Group } from '@mantine/core';
import { FileUp, FlaskConical } from 'lucide-react';
import { useCallback, useRef } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import type { LoadId, SourceId } from '../../shared/domain/ids.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { useBackend, useCall } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { moment } from '../settings/moments.ts';
import { useRowPaste } from '../wizard/use-row-paste.ts';
import { number, plural } from '../../shared/text/counts.ts';
import { hostNoticeText } from '../../shared/text/host-notice-text.ts';

interface Props {
  readonly failure: Failure | null;
  readonly orgs: readonly OrgSummary[];
  readonly openFiles: (files: readonly File[]) => void;
  readonly openSource: (ready: Promise<SourceId | null>) => Promise<void>;
  readonly connect: (start?: 'practice') => void;
  readonly openLoad: (loadId: LoadId, step: 'load' | 'report') => void;
}

/** The drop zone, what was opened and loaded before, and anything that wants resuming. */
export function HomeScreen({ failure, orgs, openFiles, openSource, connect, openLoad }: Props) {
  const backend = useBackend();
  const input = useRef<HTMLInputElement>(null);
  const info = useCall('app.info', {});
  const recent = useCall('source.recent', {});
  const loads = useCall('load.list', {});
  const damaged = useCall('load.damaged', {});
  const paused = loads.data?.filter(({ state }) => state.kind === 'paused') ?? [];
  const choose = () => {
    if (info.data?.host === 'desktop') void openSource(backend.call('source.choose', {}));
    else input.current?.click();
  };
  const paste = useCallback(
    (text: string) => void openSource(backend.call('source.paste', { text })),
    [backend, openSource],
  );
  useRowPaste(paste);

  return (
    <div className="home">
      {failure && <FailurePanel failure={failure} />}
      {paused.map((load) => (
        <div key={load.loadId} className="notice" data-tone="warning">
          <span aria-hidden>⏸</span>
          <span>
            The load of <strong>{load.fileName}</strong> into {load.objectLabel} is paused. Rows already saved stay
            saved; no row is sent twice.
          </span>
          <Button size="compact-sm" variant="default" onClick={() => openLoad(load.loadId, 'load')}>
            See and resume
          </Button>
        </div>
      ))}
      {damaged.data?.map((name) => (
        <div key={name} className="notice" data-tone="warning">
          <span aria-hidden>⚠</span>
          <span>
            The record of a load is damaged. Its folder <code>{name}</code> in Longshore’s data folder is kept as it is;
            everything else works.
          </span>
        </div>
      ))}
      <div className="drop">
        <FileUp size={44} aria-hidden />
        <strong>Drop a CSV anywhere in this window</strong>
        <p>
          a workbook, JSON, a gzipped or zipped file, or several with the same columns; or paste rows from a
          spreadsheet.
        </p>
        <p>Nothing is sent to Salesforce before you have seen what would change.</p>
        <Button size="md" onClick={choose}>
          Choose a file
        </Button>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="File to load"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = '';
            if (files.length > 0) openFiles(files);
          }}
        />
      </div>
      <section className="panel" aria-labelledby="home-org">
        <Group justify="space-between">
          <div>
            <h2 id="home-org">
              {orgs.length === 0 ? 'No Salesforce account at hand?' : plural(orgs.length, 'connected org')}
            </h2>
            <p className="lead">
              {orgs.length === 0
                ? 'The practice org is a local Salesforce with a few thousand records. Try everything; nothing leaves this computer.'
                : orgs.map((org) => `${org.name} (${org.username}: ${sessionText(org)})`).join(', ')}
            </p>
            {info.data?.notices.map((notice) => (
              <p className="lead" role="status" key={notice.code}>
                {hostNoticeText(notice)}
              </p>
            ))}
            {info.data?.secretStore === 'memory' && orgs.length > 0 && (
              <p className="lead">No keyring on this machine: you sign in again after a restart.</p>
            )}
          </div>
          <Group gap="sm">
            {orgs.length === 0 && (
              <Button leftSection={<FlaskConical size={16} aria-hidden />} onClick={() => connect('practice')}>
                Use the practice org
              </Button>
            )}
            <Button variant="default" onClick={() => connect()}>
              {orgs.length === 0 ? 'Connect an org' : 'Manage orgs'}
            </Button>
          </Group>
        </Group>
      </section>
      {(recent.data?.length ?? 0) > 0 && (
        <section className="panel" aria-labelledby="home-recent">
          <h2 id="home-recent">Recent files</h2>
          <table className="list">
            <tbody>
              {recent.data?.map((source) => (
                <tr key={source.sourceId}>
                  <td>
                    {source.fileName}
                    {source.changedOnDisk && (
                      <div className="reason tone" data-tone="warning">
                        changed since it was read
                      </div>
                    )}
                  </td>
                  <td className="sample">
                    {source.state.kind === 'staged' ? plural(source.state.rows, 'row') : ''} ·{' '}
                    {plural(source.columns.length, 'column')}
                  </td>
                  <td style={{ textAlign: 'right' }}>
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      onClick={() => void openSource(Promise.resolve(source.sourceId))}
                    >
                      Open {source.fileName}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {(loads.data?.length ?? 0) > 0 && (
        <section className="panel" aria-labelledby="home-loads">
          <h2 id="home-loads">Recent loads</h2>
          <table className="list">
            <thead>
              <tr>
                <th>When</th>
                <th>File</th>
                <th>What</th>
                <th>Created</th>
                <th>Updated</th>
                <th>Deleted</th>
                <th>Failed</th>
                <th>
                  <span className="skip">Report</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {loads.data?.slice(0, 10).map((load) => (
                <tr key={load.loadId}>
                  <td>{moment(load.startedAt)}</td>
                  <td>{load.fileName}</td>
                  <td>
                    {load.operation} {load.objectLabel}
                  </td>
                  <td>{number(load.counts.created)}</td>
                  <td>{number(load.counts.updated)}</td>
                  <td>{number(load.counts.deleted)}</td>
                  <td>{number(load.counts.failed)}</td>
                  <td>
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      onClick={() => openLoad(load.loadId, load.state.kind === 'finished' ? 'report' : 'load')}
                    >
                      {load.state.kind === 'finished' ? 'Report' : 'Open'}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}
