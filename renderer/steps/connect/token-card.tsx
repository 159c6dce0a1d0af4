import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { SignInTarget } from '../../../shared/domain/org.ts';
import { TokenField } from '../../sign-in/token-field.tsx';

interface Props {
  readonly pending: boolean;
  readonly use: (target: SignInTarget, accessToken: string, keep: boolean) => void;
}

/** An access token for a quick look. It is in this field for as long as it is typed, and nowhere else in the window. */
export function TokenCard({ pending, use }: Props) {
  const [loginUrl, setLoginUrl] = useState('');
  const [token, setToken] = useState('');
  const [keep, setKeep] = useState(false);
  return (
    <section className="panel" aria-labelledby="token-title">
      <h3 id="token-title">Use an access token</h3>
      <p className="lead">For a quick try, paste a token, such as one from “sf org display”. It can’t be renewed.</p>
      <TextInput
        mt="sm"
        label="My Domain of the org"
        placeholder="acme.my.salesforce.com"
        value={loginUrl}
        onChange={(event) => setLoginUrl(event.currentTarget.value)}
      />
      <TokenField token={token} setToken={setToken} />
      <Checkbox
        mt="sm"
        label="Keep it in this computer’s keychain until I sign out"
        checked={keep}
        onChange={(event) => setKeep(event.currentTarget.checked)}
      />
      <Button
        mt="sm"
        variant="default"
        disabled={pending || loginUrl.trim() === '' || token.trim() === ''}
        onClick={() => {
          use({ kind: 'custom', loginUrl: loginUrl.trim() }, token, keep);
          setToken('');
        }}
      >
        Use the token
      </Button>
    </section>
  );
}
