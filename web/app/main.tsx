// The page's beginning: starts Loro while everything else loads, and draws the app.
import '../parts/tokens.css';
import '../parts/base.css';
import startLoro from 'loro-crdt/web/loro_wasm.js';
import wasm from 'loro-crdt/web/loro_wasm_bg.wasm?url';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { browserDevice } from '../device/browser.ts';
import { App } from './app.tsx';
import { showTheme } from './theme.ts';

const loro = startLoro({ module_or_path: wasm });
showTheme();
const place = document.getElementById('page');
if (place)
  createRoot(place).render(
    <StrictMode>
      <App device={browserDevice()} loro={loro} />
    </StrictMode>,
  );
