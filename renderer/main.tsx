import '@mantine/core/styles.css';
import './theme/styles.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { Activity } from './backend/activity.ts';
import { BackendProvider, failureOf } from './backend/backend-context.tsx';
import { connectBrowser } from './backend/browser-connection.ts';
import { CommandsProvider } from './backend/commands.tsx';
import { connectDesktop } from './backend/desktop-connection.ts';
import { ActivityLine } from './components/activity-line.tsx';
import { FailurePanel } from './components/failure-panel.tsx';
import { prepareGrid } from './components/late-grid.tsx';
import { hashQueryKey } from './backend/hash-query-key.ts';
import { SignInContext } from './sign-in/sign-in-context.tsx';
import { SignInDialog } from './sign-in/sign-in-dialog.tsx';
import { SignInGate } from './sign-in/sign-in-gate.ts';
import { theme } from './theme/theme.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
const queryClient = new QueryClient({
  // The backend is on this machine: what fails will fail again at once, and a lost window focus changes nothing.
  defaultOptions: {
    queries: {
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      networkMode: 'always',
      queryKeyHashFn: hashQueryKey,
    },
  },
});
const root = createRoot(document.querySelector('#root') ?? document.body);

async function start(): Promise<void> {
  const shell = (content: React.ReactNode) => (
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <QueryClientProvider client={queryClient}>{content}</QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
  try {
    const connection = window.longshore ? connectDesktop(window.longshore) : await connectBrowser();
    const activity = new Activity();
    const gate = new SignInGate(activity.watch(connection));
    const screen = shell(
      <SignInContext value={gate}>
        <ActivityLine activity={activity} />
        <BackendProvider connection={gate.connection}>
          <CommandsProvider>
            <App nonce={nonce} />
          </CommandsProvider>
          <SignInDialog gate={gate} />
        </BackendProvider>
      </SignInContext>,
    );
    // A transition is put together a few milliseconds at a time: the first screen in one go holds the page up for longer than anything else.
    startTransition(() => root.render(screen));
  } catch (error) {
    // An address with a ticket that is opened in this tab changes nothing but what stands behind its #.
    window.addEventListener('hashchange', () => void start(), { once: true });
    root.render(
      shell(
        <main className="home">
          <h1>Longshore</h1>
          <FailurePanel failure={failureOf(error)} />
        </main>,
      ),
    );
  }
}

// The grid is the largest part of the window: it is there before the first file is, but after the first screen.
void start().then(() => setTimeout(() => void prepareGrid(nonce).catch(() => undefined), 1000));
