import { curveOf } from '../../../shared/domain/load-pace.ts';
import type { ErrorGroup, LoadSnapshot, OutcomeRow } from '../../../shared/domain/load-results.ts';
import { changedRecords, groupList, loadedGroups } from '../../../shared/domain/row-groups.ts';
import { approvalText } from '../../../shared/text/approval-text.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { durationText } from '../../../shared/text/duration-text.ts';
import { reasonText } from '../../../shared/text/error-reason-text.ts';
import { loadStateText } from '../../../shared/text/load-state-text.ts';
import { loadTitle } from '../../../shared/text/load-title.ts';
import { GROUP_WORD } from '../../../shared/text/row-group-text.ts';
import { html, raw, type Html } from '../plan/export/html.ts';
import { PAGE_STYLE } from '../plan/export/page-style.ts';

/** What of a load a page tells. */
export interface ReportPage {
  readonly load: LoadSnapshot;
  readonly errorGroups: readonly ErrorGroup[];
  /** The first rows of the error file, and how many there are. */
  readonly failed: {
    readonly rows: readonly OutcomeRow[];
    readonly total: number;
    readonly columns: readonly string[];
  };
}

/** Columns of a failed row that the page shows. */
const COLUMNS = 6;
const CHART = { width: 700, height: 160 };

/** The page as text. It is whole by itself: no part of it is loaded from anywhere, and nothing in it runs. */
export function reportPageHtml({ load, errorGroups, failed }: ReportPage): string {
  const title = `${loadTitle(load)} in ${load.orgName}`;
  const time = (at: number) => new Date(at).toISOString();
  const facts: [string, string][] = [
    ['State', loadStateText(load).word],
    ['File', load.fileName],
    ['File’s SHA-256', load.sourceDigest],
    ['Started', time(load.startedAt)],
    ...(load.finishedAt === null ? [] : ([['Ended', time(load.finishedAt)]] as [string, string][])),
    ['Took', `${durationText(load.elapsed)}, ${plural(load.apiCalls, 'API call')}`],
    ...(load.approval
      ? ([['Approval', approvalText(load.approval, load.approval.approvedAt)]] as [string, string][])
      : []),
  ];
  return String(
    html`<!doctype html>
      <html lang="en">
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
        />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        ${raw(`<style>${PAGE_STYLE}</style>`)}
        <h1>${title}</h1>
        <p>${plural(changedRecords(load.counts), 'record')} changed. Every row of the file has exactly one outcome.</p>
        <table>
          ${facts.map(
            ([name, value]) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${value}</td>
              </tr>`,
          )}
        </table>
        ${outcomes(load)} ${pace(load)} ${reasons(errorGroups)} ${failedRows(failed)}
      </html> `,
  );
}

function outcomes(load: LoadSnapshot): Html {
  return html`<h2>Rows</h2>
    <table>
      ${groupList(loadedGroups(load)).map(
        ({ group, rows }) =>
          html`<tr>
            <th scope="row">${GROUP_WORD[group]}</th>
            <td class="number">${number(rows)}</td>
          </tr>`,
      )}
      <tr>
        <th scope="row">All rows of the file</th>
        <td class="number">${number(load.rows)}</td>
      </tr>
    </table>`;
}

function pace({ pace: points, elapsed }: LoadSnapshot): Html {
  if (points.length < 3) return html``;
  const { width, height } = CHART;
  const last = points.at(-1);
  const words = `${number(last?.processed ?? 0)} rows processed, ${number(last?.failed ?? 0)} of them failed, in ${durationText(elapsed)}`;
  return html`<h2>Over time</h2>
    <svg class="pace" viewBox="-4 -4 ${String(width + 8)} ${String(height + 8)}" role="img" aria-label="${words}">
      <polyline points="${curveOf(points, 'processed', CHART)}" />
      <polyline class="failed" points="${curveOf(points, 'failed', CHART)}" />
    </svg>
    <p>${words}.</p>`;
}

function reasons(groups: readonly ErrorGroup[]): Html {
  if (groups.length === 0) return html``;
  const most = Math.max(...groups.map(({ rows }) => rows));
  return html`<h2>Rows in the error file, by reason</h2>
    <table>
      <tr>
        <th>Reason</th>
        <th class="number">Rows</th>
        <th></th>
        <th>For example</th>
      </tr>
      ${groups.map(
        (group) =>
          html`<tr>
            <td>${reasonText(group)}</td>
            <td class="number">${number(group.rows)}</td>
            <td>
              <span class="share" style="width: ${String(Math.round((group.rows / most) * 1000) / 100)}rem"></span>
            </td>
            <td>${group.example.message}</td>
          </tr>`,
      )}
    </table>`;
}

function failedRows({ rows, total, columns }: ReportPage['failed']): Html {
  if (rows.length === 0) return html``;
  const shown = columns.slice(0, COLUMNS);
  const more =
    total > rows.length ? ` The first ${number(rows.length)} of ${number(total)}; the error file has them all.` : '';
  const fewer = columns.length > COLUMNS ? ` The first ${number(COLUMNS)} of ${plural(columns.length, 'column')}.` : '';
  return html`<h2>Rows in the error file</h2>
    <p>As they were in the file.${more}${fewer}</p>
    <table>
      <tr>
        <th class="number">Row</th>
        <th>Reason</th>
        ${shown.map((name) => html`<th>${name}</th>`)}
      </tr>
      ${rows.map(
        (row) =>
          html`<tr>
            <td class="number">${number(row.row)}</td>
            <td>${row.error}</td>
            ${shown.map((_name, place) => html`<td>${row.cells[place] ?? ''}</td>`)}
          </tr>`,
      )}
    </table>`;
}
