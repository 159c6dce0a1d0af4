import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { LongshoreBridge } from '../../../shared/contract/wire.ts';

/** A dropped file as the page holds it; only Electron can tell its path, and only to this side of the bridge. */
type DroppedFile = Parameters<typeof webUtils.getPathForFile>[0];

const bridge = {
  call: (request) => ipcRenderer.invoke('backend', request),
  cancel: (callId) => ipcRenderer.send('cancel', callId),
  subscribe: (listener) => {
    const forward = (_event: unknown, payload: unknown) => listener(payload);
    ipcRenderer.on('event', forward);
    return () => {
      ipcRenderer.removeListener('event', forward);
    };
  },
  handOver: (files) =>
    ipcRenderer.invoke(
      'hand-over',
      files.map((file) => webUtils.getPathForFile(file)),
    ),
  ask: (request) => ipcRenderer.send('desk', request),
} satisfies LongshoreBridge<DroppedFile>;

contextBridge.exposeInMainWorld('longshore', bridge);
