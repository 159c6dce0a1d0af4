import { Button, Group } from '@mantine/core';
import { FlaskConical, Merge } from 'lucide-react';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { plural } from '../../../shared/text/counts.ts';
import { hostNoticeText } from '../../../shared/text/host-notice-text.ts';
import { sessionText } from '../../../shared/text/session-text.ts';
import { useCall } from '../../backend/backend-context.tsx';

interface Props {
  readonly orgs: readonly OrgSummary[];
  readonly connect: (start?: 'practice') => void;
  /** Goes to the merging of duplicates in the org that is chosen; null without one. */
  readonly merge: (() => void) | null;
}

/** The orgs that can be loaded into; the practice org for whoever has none. */
export function OrgsPanel({ orgs, connect, merge }: Props) {
  const info = useCall('app.info', {});
  return (
    <section className="panel aside" aria-labelledby="home-org">
      <div>
        <h2 id="home-org">{orgs.length === 0 ? 'No Salesforce account?' : plural(orgs.length, 'connected org')}</h2>
        <p className="lead">
          {orgs.length === 0
            ? 'The practice org is a local Salesforce with a few thousand records. Try everything. Nothing leaves this computer.'
            : orgs.map((org) => `${org.name} (${org.username}: ${sessionText(org)})`).join(', ')}
        </p>
        {info.data?.notices.map((notice) => (
          <p className="lead" role="status" key={notice.code}>
            {hostNoticeText(notice)}
          </p>
        ))}
        {info.data?.secretStore === 'memory' && orgs.length > 0 && (
          <p className="lead">
            No keychain is responding on this computer, so you need to sign in again after a restart.
          </p>
        )}
      </div>
      <Group gap="sm">
        {orgs.length === 0 && (
          <Button
            variant="default"
            leftSection={<FlaskConical size={16} aria-hidden />}
            onClick={() => connect('practice')}
          >
            Use the practice org
          </Button>
        )}
        {merge && (
          <Button variant="default" leftSection={<Merge size={16} aria-hidden />} onClick={merge}>
            Merge duplicates in the org
          </Button>
        )}
        <Button variant="default" onClick={() => connect()}>
          {orgs.length === 0 ? 'Connect an org' : 'Manage orgs'}
        </Button>
      </Group>
    </section>
  );
}
