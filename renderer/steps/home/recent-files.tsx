import { Button } from '@mantine/core';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { plural } from '../../../shared/text/counts.ts';

interface Props {
  /** Newest first. */
  readonly files: readonly SourceSummary[];
  readonly open: (sourceId: SourceId) => void;
}

/** Files that were opened before. */
export function RecentFiles({ files, open }: Props) {
  return (
    <section className="panel" aria-labelledby="home-recent">
      <h2 id="home-recent">Recent files</h2>
      <table className="list">
        <tbody>
          {files.map((source) => (
            <tr key={source.sourceId}>
              <td>
                {source.fileName}
                {source.changedOnDisk && (
                  <div className="reason tone" data-tone="warning">
                    changed since it was read
                  </div>
                )}
              </td>
              <td className="sample">{sizeText(source)}</td>
              <td style={{ textAlign: 'right' }}>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  aria-label={`Open ${source.fileName}`}
                  onClick={() => open(source.sourceId)}
                >
                  Open
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function sizeText({ state, columns }: SourceSummary): string {
  const rows = state.kind === 'staged' ? `${plural(state.rows, 'row')} · ` : '';
  return `${rows}${plural(columns.length, 'column')}`;
}
