import { Button, Group } from '@mantine/core';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { number } from '../../../shared/text/counts.ts';
import { ORG_KIND_WORDS } from '../../../shared/text/org-text.ts';
import { sessionText, sessionTroubleText } from '../../../shared/text/session-text.ts';

interface Props {
  readonly orgs: readonly OrgSummary[];
  readonly chosen: OrgId | null;
  readonly use: (org: OrgSummary) => void;
  readonly signOut: (org: OrgSummary) => void;
}

/** Who is signed in where; two users of one org are two rows. */
export function ConnectedOrgs({ orgs, chosen, use, signOut }: Props) {
  return (
    <section className="panel" aria-label="Signed-in orgs">
      <table className="list">
        <tbody>
          {orgs.map((org) => (
            <tr key={org.orgId}>
              <td>
                <span className="chip" data-tone={org.kind}>
                  {ORG_KIND_WORDS[org.kind]}
                </span>
              </td>
              <td>
                <strong>{org.name}</strong>
                <div className="sample whole">
                  {org.username} · {org.instanceHost}
                  {org.via === 'sf'
                    ? ' · through the Salesforce CLI'
                    : org.via === 'token'
                      ? ' · with a pasted token'
                      : ''}
                </div>
              </td>
              <td className="reason">
                {org.session !== 'active' && <div>{sessionText(org)}</div>}
                {org.sessionTrouble && <div>{sessionTroubleText(org.sessionTrouble)}.</div>}
                {org.apiUsage && `${number(org.apiUsage.used)} of ${number(org.apiUsage.max)} API calls used today`}
              </td>
              <td>
                <Group gap={6} justify="flex-end" wrap="nowrap">
                  <Button
                    size="compact-sm"
                    variant={org.session !== 'expired' && org.orgId === chosen ? 'filled' : 'default'}
                    onClick={() => use(org)}
                  >
                    {org.session === 'expired' ? 'Sign in again' : org.orgId === chosen ? 'In use' : 'Use this org'}
                  </Button>
                  <Button size="compact-sm" variant="subtle" color="gray" onClick={() => signOut(org)}>
                    {org.via === 'sf' ? 'Remove' : 'Sign out'}
                  </Button>
                </Group>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
