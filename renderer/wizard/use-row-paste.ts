import { useEffect } from 'react';

/**
 * Rows copied in a spreadsheet, pasted anywhere on the screen: nothing need have the focus. What is pasted into a field is
 * the field's, and a single cell is no table.
 */
export function useRowPaste(take: (text: string) => void): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (!/[\n\t]/.test(text.trim())) return;
      event.preventDefault();
      take(text);
    };
    window.addEventListener('paste', paste);
    return () => window.removeEventListener('paste', paste);
  }, [take]);
}
