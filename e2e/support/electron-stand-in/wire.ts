/** What the stand-in (in the host's process) and whoever plays the person and the system (in the test's) say to each other. */

/** A frame of the window, as the window's process knows it. */
export interface Frame {
  readonly url: string;
  readonly isMain: boolean;
}

/** What a person, the system or Chromium does to the app. Each is answered by `done`. */
export type Action =
  | { kind: 'quit' }
  | { kind: 'close-window' }
  | { kind: 'minimize-window' }
  | { kind: 'activate' }
  | { kind: 'focus-window' }
  /** Answered by whether there is such an item and it can be chosen. */
  | { kind: 'choose-menu'; path: string[] }
  | { kind: 'click-notification' }
  /** macOS: a file is opened with the app. Answered by whether the app takes it. */
  | { kind: 'open-file'; path: string }
  | { kind: 'session-end' }
  | { kind: 'shutdown' }
  | { kind: 'page-loaded' }
  | { kind: 'page-failed'; description: string }
  | { kind: 'page-gone'; reason: string; exitCode: number }
  | { kind: 'unresponsive' }
  | { kind: 'responsive' }
  /** Answered by whether it may go there. */
  | { kind: 'navigate'; url: string; isMain: boolean }
  /** Answered by whether a window opens. */
  | { kind: 'open-window'; url: string }
  /** Answered by whether it is attached. */
  | { kind: 'attach-webview'; src: string }
  /** Answered by whether it is granted. */
  | { kind: 'request-permission'; permission: string; url: string }
  | { kind: 'check-permission'; permission: string; origin: string };

export type ToPerson =
  | { kind: 'load'; url: string; preload: string; preferences: object; secure: boolean; fetchable: boolean }
  | { kind: 'emit'; channel: string; args: unknown[] }
  | { kind: 'open-external'; url: string }
  | { kind: 'answer'; id: number; value: unknown }
  /** The handler threw, or there is none. */
  | { kind: 'answer-error'; id: number; error: string }
  | { kind: 'protocol-answer'; id: number; status: number; headers: Record<string, string>; base64: string }
  | { kind: 'ask-save'; id: number; name: string }
  | { kind: 'ask-open'; id: number }
  | { kind: 'ask-message'; id: number; message: string; detail: string; buttons: string[]; cancelId: number }
  /** A question that its asker took back. */
  | { kind: 'unask'; id: number }
  | { kind: 'error-box'; title: string; content: string }
  | { kind: 'window'; event: string }
  | { kind: 'crash-page' }
  | { kind: 'menu'; items: { path: string[]; enabled: boolean; checked: boolean }[] }
  | { kind: 'notification'; title: string; body: string }
  | { kind: 'awake'; types: string[] }
  | { kind: 'progress'; share: number; mode: string }
  | { kind: 'clipboard'; text: string }
  | { kind: 'show-in-folder'; path: string }
  | { kind: 'drag'; file: string }
  | { kind: 'recent-document'; path: string }
  | { kind: 'process'; pid: number; serviceName: string }
  | { kind: 'done'; id: number; value: boolean };

export type ToHost =
  | { kind: 'invoke'; id: number; channel: string; args: unknown[]; frame: Frame }
  | { kind: 'send'; channel: string; args: unknown[]; frame: Frame }
  | { kind: 'protocol'; id: number; url: string }
  | { kind: 'dialog-answer'; id: number; paths: string[] }
  | { kind: 'message-answer'; id: number; button: number }
  | { kind: 'act'; id: number; action: Action };
