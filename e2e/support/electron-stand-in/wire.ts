/** What the stand-in (in the host's process) and the window (a real Chromium, in the test's process) say to each other. */
export type ToWindow =
  | { kind: 'load'; url: string; preload: string }
  | { kind: 'emit'; channel: string; args: unknown[] }
  | { kind: 'open-external'; url: string }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'protocol-answer'; id: number; status: number; headers: Record<string, string>; base64: string }
  | { kind: 'ask-save'; id: number; name: string }
  | { kind: 'ask-open'; id: number }
  | { kind: 'error-box'; title: string; content: string };

export type ToHost =
  | { kind: 'invoke'; id: number; channel: string; args: unknown[]; frameUrl: string }
  | { kind: 'send'; channel: string; args: unknown[]; frameUrl: string }
  | { kind: 'protocol'; id: number; url: string }
  | { kind: 'dialog-answer'; id: number; path: string | null };
