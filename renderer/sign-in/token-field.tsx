import { PasswordInput } from '@mantine/core';

interface Props {
  readonly token: string;
  readonly setToken: (token: string) => void;
}

/** An access token while it is typed: hidden, and not for the browser to keep. */
export function TokenField({ token, setToken }: Props) {
  return (
    <PasswordInput
      mt="sm"
      label="Access token"
      autoComplete="off"
      value={token}
      onChange={(event) => setToken(event.currentTarget.value)}
    />
  );
}
