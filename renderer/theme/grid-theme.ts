import { themeQuartz } from 'ag-grid-community';

/** The grid in the window's own tokens: 32 px rows, monospaced digits. */
export const gridTheme = themeQuartz.withParams({
  backgroundColor: 'var(--paper)',
  foregroundColor: 'var(--ink)',
  headerBackgroundColor: 'var(--band)',
  headerTextColor: 'var(--ink)',
  borderColor: 'var(--line)',
  accentColor: 'var(--accent)',
  oddRowBackgroundColor: 'var(--paper)',
  rowHoverColor: 'var(--band)',
  selectedRowBackgroundColor: 'var(--band)',
  fontFamily: 'inherit',
  fontSize: 13,
  rowHeight: 32,
  headerHeight: 36,
  wrapperBorderRadius: 10,
  spacing: 6,
});
