/** Design tokens: one palette for both schemes. Contrast is AA or better; tests ask axe on every page. */
import { createTheme, type CSSVariablesResolver } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'ghee',
  primaryShade: 8,
  respectReducedMotion: true,
  defaultRadius: 'md',
  fontFamily:
    'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
  colors: {
    ghee: [
      ...(['#fff8e6', '#ffeec2', '#ffdf94', '#ffcd5e', '#f5b52e'] as const),
      ...(['#d99712', '#b87a06', '#9c6500', '#7d5000', '#5c3a00'] as const),
    ],
  },
});

/** The library's own dimmed and placeholder greys are too pale for AA. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#55606b',
    '--mantine-color-placeholder': '#5f6a75',
    '--mantine-color-anchor': '#7d5000',
    '--mantine-color-body': '#fbfaf7',
  },
  dark: {
    '--mantine-color-dimmed': '#aab2bb',
    '--mantine-color-placeholder': '#a3abb4',
    '--mantine-color-anchor': '#ffcd5e',
    '--mantine-color-body': '#16181c',
  },
});
