import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ProxySetting } from '../../shared/domain/settings.ts';
import { Choice } from './fields.tsx';

interface Props {
  readonly proxy: ProxySetting;
  readonly choose: (proxy: ProxySetting) => void;
}

/** Which proxy requests to orgs go through. An own one is taken when its address is saved. */
export function ProxyFields({ proxy, choose }: Props) {
  const [kind, setKind] = useState(proxy.kind);
  const [address, setAddress] = useState(proxy.kind === 'own' ? proxy.address : '');
  const [refused, setRefused] = useState(false);
  const save = () => {
    const own = ProxySetting.safeParse({ kind: 'own', address: address.trim(), credentials: null });
    setRefused(!own.success);
    if (own.success) choose(own.data);
  };
  return (
    <>
      <Choice
        label="Proxy"
        description="Connections on this computer, such as to the practice org, never use a proxy."
        value={kind}
        options={{
          automatic: 'From the environment, or else from the system',
          system: 'From the system',
          environment: 'From the environment (HTTPS_PROXY, NO_PROXY)',
          none: 'None',
          own: 'Another address',
        }}
        choose={(chosen) => {
          setKind(chosen);
          if (chosen !== 'own') choose({ kind: chosen });
        }}
      />
      {kind === 'own' && (
        <Group align="end">
          <TextInput
            label="Proxy address"
            description={
              proxy.kind === 'own' && proxy.credentials !== null
                ? 'Its username and password are kept in the keychain.'
                : 'A username and password are kept in the keychain: http://name:password@proxy.example:8080'
            }
            autoComplete="off"
            spellCheck={false}
            w={420}
            maw="100%"
            value={address}
            error={refused ? 'Enter an address such as http://proxy.example:8080' : null}
            onChange={(event) => setAddress(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Enter' && save()}
          />
          <Button variant="default" onClick={save}>
            Use this proxy
          </Button>
        </Group>
      )}
    </>
  );
}
