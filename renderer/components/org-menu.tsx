import { Menu } from '@mantine/core';
import { Check, Plus } from 'lucide-react';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { ORG_KIND_WORDS } from '../../shared/text/org-text.ts';
import { sessionText } from '../../shared/text/session-text.ts';
import { OrgBadge } from './org-badge.tsx';

interface Props {
  readonly org: OrgSummary | null;
  readonly readOnly: boolean;
  readonly orgs: readonly OrgSummary[];
  readonly choose: (org: OrgSummary) => void;
  /** Opens the screen where orgs are connected and signed out of. */
  readonly connect: () => void;
}

/** The org everything on screen is about, and the others to switch to. */
export function OrgMenu({ org, readOnly, orgs, choose, connect }: Props) {
  if (orgs.length === 0) return <OrgBadge org={org} readOnly={readOnly} onClick={connect} />;
  return (
    <Menu position="bottom-end" width={340} withinPortal>
      <Menu.Target>
        <OrgBadge org={org} readOnly={readOnly} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Connected orgs</Menu.Label>
        {orgs.map((one) => (
          <Menu.Item
            key={one.orgId}
            aria-current={one.orgId === org?.orgId ? 'true' : undefined}
            leftSection={one.orgId === org?.orgId ? <Check size={15} aria-hidden /> : <span className="no-check" />}
            onClick={() => choose(one)}
          >
            <span className="chip" data-tone={one.kind}>
              {ORG_KIND_WORDS[one.kind]}
            </span>{' '}
            <strong>{one.name}</strong>
            <div className="sample">
              {one.username} · {sessionText(one)}
            </div>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<Plus size={15} aria-hidden />} onClick={connect}>
          Connect another org
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
