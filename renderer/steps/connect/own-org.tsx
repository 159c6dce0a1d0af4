import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { LogIn } from 'lucide-react';
import { useState } from 'react';
import type { SignInTarget } from '../../../shared/domain/org.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { KeyHelp } from './key-help.tsx';

interface Props {
  readonly pending: boolean;
  readonly signIn: (target: SignInTarget, clientId: string) => void;
}

/** Sign in to an org of one's own in the browser, with the consumer key kept for its address. */
export function OwnOrg({ pending, signIn }: Props) {
  const [kind, setKind] = useState<'production' | 'sandbox' | 'custom'>('production');
  const [loginUrl, setLoginUrl] = useState('');
  const [typed, setTyped] = useState<string | null>(null);
  const target: SignInTarget = kind === 'custom' ? { kind, loginUrl } : { kind };
  const [asked] = useDebouncedValue(loginUrl, 250);
  const known = kind === 'custom' ? asked.trim() : kind;
  const address = useCall(
    'orgs.loginAddress',
    known === '' ? null : { target: kind === 'custom' ? { kind, loginUrl: known } : { kind } },
  );
  const where = address.data?.loginUrl ?? '';
  const clientId = typed ?? address.data?.clientId ?? '';
  return (
    <section className="panel" aria-labelledby="own-title">
      <h3 id="own-title">Your Salesforce org</h3>
      <SegmentedControl
        mt="sm"
        fullWidth
        aria-label="Kind of org"
        value={kind}
        onChange={(value) => {
          setKind(value);
          setTyped(null);
        }}
        data={[
          { value: 'production', label: 'Production' },
          { value: 'sandbox', label: 'Sandbox' },
          { value: 'custom', label: 'My Domain' },
        ]}
      />
      {kind === 'custom' && (
        <TextInput
          mt="sm"
          label="My Domain"
          description={
            where === '' ? 'Enter its name, or any address of the org from your browser.' : `You sign in at ${where}`
          }
          placeholder="acme, acme--uat, or acme.my.salesforce.com"
          error={address.error && loginUrl.trim() !== '' ? failureText(failureOf(address.error)).title : undefined}
          value={loginUrl}
          onChange={(event) => setLoginUrl(event.currentTarget.value)}
        />
      )}
      <TextInput
        mt="sm"
        label="Consumer key of your External Client App"
        description="Remembered for this sign-in address."
        value={clientId}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <KeyHelp />
      <Button
        mt="sm"
        variant="default"
        leftSection={<LogIn size={16} aria-hidden />}
        disabled={pending}
        onClick={() => signIn(target, clientId.trim())}
      >
        Sign in
      </Button>
    </section>
  );
}
