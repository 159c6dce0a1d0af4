import { Button } from '@mantine/core';
import type { OrgSummary, SfOrg } from '../../../shared/domain/org.ts';
import { sfProblemText } from '../../../shared/text/sf-problem-text.ts';

interface Props {
  readonly found: readonly SfOrg[];
  readonly orgs: readonly OrgSummary[];
  readonly disabled: boolean;
  readonly use: (username: string) => void;
}

/** What the official CLI is signed in to on this computer. Nothing where it is to nothing. */
export function SfOrgs({ found, orgs, disabled, use }: Props) {
  const more = found.filter(({ username }) => !orgs.some((org) => org.via === 'sf' && org.username === username));
  if (more.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="sf-title">
      <h3 id="sf-title">Orgs of the Salesforce CLI</h3>
      <p className="lead">
        “sf” is signed in to these orgs on this computer. Longshore reads its files and never changes them.
      </p>
      <table className="list">
        <tbody>
          {more.map(({ username, aliases, instanceHost, problem }) => (
            <tr key={username}>
              <td>
                <strong>{aliases.join(', ') || username}</strong>
                <div className="sample">
                  {username}
                  {instanceHost && ` · ${instanceHost}`}
                </div>
              </td>
              <td className="reason">{problem && `Can’t be used: ${sfProblemText(problem)}`}</td>
              <td align="right">
                {problem === null && (
                  <Button size="compact-sm" variant="default" disabled={disabled} onClick={() => use(username)}>
                    Use this org
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
