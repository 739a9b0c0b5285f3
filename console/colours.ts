/** Light, dark, or by the system's setting. */
import { signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const kept = 'console-theme';
const found = themes.find((name) => name === localStorage.getItem(kept));

export const theme = signal<Theme>(found ?? 'system');

export function chooseTheme(name: string): void {
  const chosen = themes.find((one) => one === name) ?? 'system';
  theme.value = chosen;
  if (chosen === 'system') {
    localStorage.removeItem(kept);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(kept, chosen);
    document.documentElement.dataset.theme = chosen;
  }
}
