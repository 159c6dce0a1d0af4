import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import type { SavedFile } from '../../../shared/contract/procedures.ts';
import { takeDownload } from '../../backend/take-download.ts';

/** A call whose answer is a file: begun, canceled, and where it is one to be fetched, fetched. */
export function useFileCall<I, O extends { readonly file: SavedFile }>(
  call: (input: I, signal: AbortSignal) => Promise<O>,
) {
  const abort = useRef<AbortController | null>(null);
  const { mutate, ...run } = useMutation({
    mutationFn: async (input: I) => {
      const controller = new AbortController();
      abort.current = controller;
      const answer = await call(input, controller.signal);
      takeDownload(answer.file);
      return answer;
    },
  });
  return { ...run, start: mutate, cancel: () => abort.current?.abort() };
}
