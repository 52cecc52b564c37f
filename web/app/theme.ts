// Light, dark, or as the system says; kept on this device.
import { createStore } from '../live/store.ts';

export type Theme = 'system' | 'light' | 'dark';
const STORAGE_KEY = 'hakiri.theme';

export const theme = createStore<Theme>(stored());

export function chooseTheme(next: Theme): void {
  localStorage.setItem(STORAGE_KEY, next);
  theme.set(next);
  showTheme();
}

export function showTheme(): void {
  const chosen = theme.get();
  if (chosen === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

function stored(): Theme {
  const value = localStorage.getItem(STORAGE_KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}
